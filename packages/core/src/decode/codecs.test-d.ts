import { expectTypeOf, test } from "vitest";
import { z } from "zod";
import { bytes } from "./bytes.ts";
import type { Codec } from "./codec.ts";
import { json } from "./json.ts";
import { object } from "./object.ts";
import { text } from "./text.ts";
import { toCodec } from "./to-codec.ts";

test("codecs know what they give", () => {
  expectTypeOf(text()).toEqualTypeOf<Codec<string>>();
  expectTypeOf(bytes()).toEqualTypeOf<Codec<Uint8Array>>();
  expectTypeOf(json()).toEqualTypeOf<Codec<unknown>>();
  expectTypeOf(json(z.object({ port: z.number() }))).toEqualTypeOf<Codec<{ port: number }>>();
  expectTypeOf(object(["username", "password"])).toEqualTypeOf<Codec<{ username: string; password: string }>>();
  expectTypeOf(object(z.object({ port: z.coerce.number() }))).toEqualTypeOf<Codec<{ port: number }>>();
});

test("toCodec infers from codecs and from bare schemas", () => {
  expectTypeOf(toCodec(z.object({ a: z.string() }))).toEqualTypeOf<Codec<{ a: string }>>();
  expectTypeOf(toCodec(object(["a"]))).toEqualTypeOf<Codec<{ a: string }>>();
});
