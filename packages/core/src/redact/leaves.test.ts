import { createSecretKey } from "node:crypto";
import { expect, test } from "vitest";
import { z } from "zod";
import { declareSecrets } from "../declare/declare.ts";
import { object } from "../decode/object.ts";
import { mockSecrets } from "../testing/mock-secrets.ts";
import { leavesOf } from "./leaves.ts";
import { createRedactor } from "./redactor.ts";

const value = "Zq7xK2mNp4vT9wLb3Rd8";
const key = ["sk", "live", value].join("_");

/** What a schema or a caller may hold a value in. */
const holders: Readonly<Record<string, (text: string) => unknown>> = {
  Map: (text) => new Map([["p", text]]),
  Set: (text) => new Set([{ a: text }]),
  URL: (text) => new URL(`https://app:${text}@host.example`),
  ArrayBuffer: (text) => Uint8Array.from(Buffer.from(text)).buffer,
  DataView: (text) => new DataView(Uint8Array.from(Buffer.from(text)).buffer),
  "an error": (text) => Object.assign(new Error("x"), { detail: text }),
  "the message of an error": (text) => new Error(text),
  "the causes of errors": (text) => new AggregateError([new Error("x", { cause: { text } })]),
  "80 levels": (text) => Array.from({ length: 80 }).reduce<unknown>((inner) => ({ inner }), text),
  "a list beside a getter that throws": (text) => [
    text,
    {
      get broken(): never {
        throw new Error("x");
      },
    },
  ],
};

test.each(Object.entries(holders))("a value that a schema has converted is masked in %s", async (_, hold) => {
  const encoded = Buffer.from(value).toString("base64");
  const as = object(z.object({ k: z.string().transform((text) => hold(Buffer.from(text, "base64").toString())) }));
  const secrets = mockSecrets({ "a/b": { k: encoded } }, { declare: declareSecrets({ x: { ref: "a/b", as } }) });
  secrets.latest("x").reveal();
  expect(secrets.redactor.redact(`login ${value} now`)).toBe("login [REDACTED:a/b] now");
});

test.each(Object.entries(holders))("a value that was registered directly is masked in %s", (_, hold) => {
  const redactor = createRedactor();
  redactor.register({ reveal: () => hold(value) } as never, { name: "db" });
  expect(redactor.redact(`login ${value} now`)).toBe("login [REDACTED:db] now");
});

test("keys that are tokens are leaves, but names are not", () => {
  const keys = { [key]: { role: "admin" }, "orders-service-2": 1, a_much_longer_member_name: 2 };
  expect([...leavesOf(keys)].map(({ leaf }) => leaf)).toEqual([key, "admin", "1", "2"]);
});

test("objects that hide their content have no leaves, and cycles end", () => {
  const cyclic: Record<string, unknown> = { key: createSecretKey(Buffer.from(value)) };
  cyclic.self = cyclic;
  expect([...leavesOf(cyclic)]).toEqual([]);
});

test("both values of a member that JSON gives twice are masked", () => {
  const redactor = createRedactor();
  redactor.register('{"password":"first-s3cret-fixture","password":"other-s3cret-fixture"}', { name: "db" });
  expect(redactor.redact("first-s3cret-fixture other-s3cret-fixture")).toBe("[REDACTED:db] [REDACTED:db]");
});
