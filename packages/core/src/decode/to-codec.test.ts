import { describe, expect, test } from "vitest";
import { z } from "zod";
import { base64 } from "./base64.ts";
import { basicAuth } from "./basic-auth.ts";
import { bytes } from "./bytes.ts";
import type { Decoder } from "./codec.ts";
import { dockerConfig } from "./docker-config.ts";
import { json } from "./json.ts";
import { object } from "./object.ts";
import { sshKey } from "./ssh-key.ts";
import { text } from "./text.ts";
import { tlsPair } from "./tls-pair.ts";
import { toCodec } from "./to-codec.ts";

describe("toCodec", () => {
  test("means text() by nothing", () => {
    expect(toCodec(undefined)).toBe(text());
  });

  test("gives a codec as it is", () => {
    for (const codec of [text(), bytes(), json(), object(["a"])])
      expect(toCodec(codec as Decoder<unknown>)).toBe(codec);
  });

  test("means object(schema) by a bare schema, and the same codec each time", () => {
    const schema = z.object({ port: z.coerce.number() });
    expect(toCodec(schema).kind).toBe("object");
    expect(toCodec(schema)).toBe(toCodec(schema));
    expect(toCodec(schema)).not.toBe(toCodec(z.object({ port: z.coerce.number() })));
  });

  test("takes a schema that is a function, as arktype's are", () => {
    const standard = { version: 1, vendor: "test", validate: (value: unknown) => ({ value }) } as const;
    expect(toCodec(Object.assign(() => undefined, { "~standard": standard })).kind).toBe("object");
  });

  test("shares the codecs of equal simple options, so that they mean one view", () => {
    expect(text()).toBe(text({}));
    expect(text({ trim: false })).toBe(text({ trim: false, allowEmpty: false }));
    expect(text()).not.toBe(text({ allowEmpty: true }));
    expect(bytes()).toBe(bytes({ allowEmpty: false }));
    expect(bytes()).not.toBe(bytes({ allowEmpty: true }));
  });

  test.each([null, 5, "text", {}, [], () => "x", { kind: "text" }, { kind: "yaml", decode() {} }, { "~standard": {} }])(
    "refuses %j as INVALID_CONFIG",
    (decoder) => {
      expect(() => toCodec(decoder as never)).toThrow(
        expect.objectContaining({ code: "INVALID_CONFIG", reason: "decoder" }) as Error,
      );
    },
  );
});

test.each([[[]], [["a", "a"]], [[""]], [[5]]])("object(%j) is refused as INVALID_CONFIG", (names) => {
  expect(() => object(names as string[])).toThrow(
    expect.objectContaining({ code: "INVALID_CONFIG", reason: "decoder" }) as Error,
  );
});

test("each codec without options is one, so that every call means the same view", () => {
  for (const codec of [base64, tlsPair, basicAuth, dockerConfig, sshKey]) expect(codec()).toBe(codec());
});
