import * as v from "valibot";
import { expectTypeOf, test } from "vitest";
import { z } from "zod";
import { base64 } from "./base64.ts";
import { bytes } from "./bytes.ts";
import type { Codec } from "./codec.ts";
import { json } from "./json.ts";
import { object } from "./object.ts";
import { text } from "./text.ts";
import { toCodec } from "./to-codec.ts";

test("codecs know what they give", () => {
  expectTypeOf(text()).toEqualTypeOf<Codec<string>>();
  expectTypeOf(text({ trim: false })).toEqualTypeOf<Codec<string>>();
  expectTypeOf(text(z.coerce.number())).toEqualTypeOf<Codec<number>>();
  expectTypeOf(text(z.string().brand<"key">(), { allowEmpty: true })).toEqualTypeOf<
    Codec<string & z.core.$brand<"key">>
  >();
  expectTypeOf(text(z.url().transform((url) => new URL(url)))).toEqualTypeOf<Codec<URL>>();
  expectTypeOf(text(v.pipe(v.string(), v.minLength(3)))).toEqualTypeOf<Codec<string>>();
  // @ts-expect-error a misspelt option is no schema
  text({ trimm: false });
  expectTypeOf(base64()).toEqualTypeOf<Codec<string>>();
  expectTypeOf(base64(bytes())).toEqualTypeOf<Codec<Uint8Array>>();
  expectTypeOf(base64(z.object({ a: z.string() }))).toEqualTypeOf<Codec<{ a: string }>>();
  expectTypeOf(bytes()).toEqualTypeOf<Codec<Uint8Array>>();
  expectTypeOf(json()).toEqualTypeOf<Codec<unknown>>();
  expectTypeOf(json(z.object({ port: z.number() }))).toEqualTypeOf<Codec<{ port: number }>>();
  expectTypeOf(object(["username", "password"])).toEqualTypeOf<Codec<{ username: string; password: string }>>();
  expectTypeOf(object(z.object({ port: z.coerce.number() }))).toEqualTypeOf<Codec<{ port: number }>>();
});

test("names that the compiler does not know give fields that may be absent", () => {
  const names: readonly string[] = ["username"];
  const codec = object(names);
  expectTypeOf(codec).toEqualTypeOf<Codec<{ [name: string]: string | undefined }>>();
});

test("toCodec infers from codecs and from bare schemas", () => {
  expectTypeOf(toCodec(z.object({ a: z.string() }))).toEqualTypeOf<Codec<{ a: string }>>();
  expectTypeOf(toCodec(object(["a"]))).toEqualTypeOf<Codec<{ a: string }>>();
});
