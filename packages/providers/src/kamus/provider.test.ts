import { writeFileSync } from "node:fs";
import { inspect } from "node:util";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type EncryptedFixture, encryptedFixture } from "../../test/encrypted-fixture.ts";
import type { DoubleAnswer } from "../../test/http-double.ts";
import { encryptItem, KamusDouble } from "../../test/kamus/double.ts";
import { contentOf, forever, read, rejection } from "../../test/store-fixture.ts";
import { turns } from "../../test/turns.ts";
import { kamus } from "./index.ts";

let fixture: EncryptedFixture;
let double: KamusDouble;
let token: { readonly $file: string };
beforeEach(async () => {
  fixture = encryptedFixture();
  double = new KamusDouble();
  await double.listen();
  token = fixture.key(double.token);
});
afterEach(async () => {
  await fixture[Symbol.asyncDispose]();
  await double.close();
});

const open = (options: Record<string, unknown> = {}): ReturnType<typeof fixture.open> =>
  fixture.open(kamus, { url: double.url, auth: { method: "service-account", token }, ...options });

test("an item made elsewhere with the same key is opened", async () => {
  const vector = "AAECAwQFBgcICQoLDA0ODw==:5Oc1d6/9hbpDg7sQDpNVfw==";
  expect(
    encryptItem(
      "hunter2",
      Uint8Array.from({ length: 16 }, (_, index) => index),
    ),
  ).toBe(vector);
  fixture.write("db.kamus", `${vector}\n`);
  expect(await contentOf(read(await open(), "db"))).toBe("hunter2");
});

test("a JSON object is fields, each decrypted, and what has not changed is not asked for again", async () => {
  fixture.write("db.json", JSON.stringify({ user: encryptItem("app"), password: encryptItem("s3cret-fixture") }));
  const provider = await open();
  const result = await read(provider, "db");
  expect(await contentOf(Promise.resolve(result))).toEqual({ user: "app", password: "s3cret-fixture" });
  const version = result.status === "ok" ? result.version : "";
  expect(await read(provider, "db", version)).toEqual({ status: "not-modified", version });
  expect(double.requests).toHaveLength(2);
});

test("the items of a file are asked for four at a time, however many there are", async () => {
  const names = Array.from({ length: 20 }, (_, index) => `key-${index}`);
  fixture.write(
    "db.json",
    JSON.stringify(Object.fromEntries(names.map((name) => [name, encryptItem("s3cret-fixture")]))),
  );
  let atOnce = 0;
  let most = 0;
  const { promise: gate, resolve } = Promise.withResolvers<void>();
  double.holds = async () => {
    atOnce += 1;
    most = Math.max(most, atOnce);
    await gate;
    atOnce -= 1;
  };
  const reading = contentOf(read(await open(), "db"));
  await double.until(() => atOnce >= 4);
  // Whatever else was sent arrives in these turns.
  await turns();
  resolve();
  expect(Object.keys(await reading)).toEqual(names);
  expect(most).toBe(4);
});

test("the token is read for each request, as the kubelet replaces it", async () => {
  fixture.write("a.kamus", encryptItem("s3cret-fixture-a"));
  fixture.write("b.kamus", encryptItem("s3cret-fixture-b"));
  const provider = await open();
  await read(provider, "a");
  double.token = "s3cret-fixture-token-2";
  writeFileSync(token.$file, double.token);
  expect(await contentOf(read(provider, "b"))).toBe("s3cret-fixture-b");
});

test.each<[string, DoubleAnswer, object]>([
  ["an item of another account", { status: 400 }, { code: "INVALID_VALUE", reason: "no-key" }],
  [
    "a page of what stands before it",
    { status: 400, headers: { "content-type": "text/html" }, body: "<html>" },
    { code: "INTERNAL", reason: "unexpected-status" },
  ],
  ["a token for another audience", { status: 401 }, { code: "UNAUTHENTICATED", reason: "login-refused" }],
  ["a token of no service account", { status: 403 }, { code: "PERMISSION_DENIED", reason: "policy" }],
  ["a failure", { status: 500, body: "s3cret-fixture" }, { code: "UNAVAILABLE" }],
  ["a limit", { status: 429, headers: { "retry-after": "3" } }, { code: "THROTTLED", retryAfterMs: 3000 }],
  [
    "a page",
    { headers: { "content-type": "text/html" }, body: "<html>s3cret-fixture" },
    { reason: "malformed-answer" },
  ],
  ["nothing, of a proxy", { status: 204 }, { code: "INTERNAL", reason: "malformed-answer" }],
  ["a part", { status: 206, body: "s3cret-fix" }, { code: "INTERNAL", reason: "malformed-answer" }],
  ["a redirect", { status: 302, headers: { location: "https://elsewhere.example/" } }, { reason: "redirect" }],
])("%s is told by its file, and is tried again", async (_what, answer, expected) => {
  fixture.write("db.kamus", encryptItem("s3cret-fixture"));
  const provider = await open();
  double.override = () => answer;
  const error = await rejection(read(provider, "db"));
  expect(error).toMatchObject({ message: expect.stringContaining('"db.kamus"'), ...expected });
  for (const secret of ["s3cret-fixture"]) expect(inspect(error, { depth: 9, showHidden: true })).not.toContain(secret);
  double.override = () => undefined;
  expect(await contentOf(read(provider, "db"))).toBe("s3cret-fixture");
});

test("nobody at its address is UNAVAILABLE", async () => {
  fixture.write("db.kamus", encryptItem("s3cret-fixture"));
  const provider = await open();
  await double.close();
  expect(await rejection(read(provider, "db"))).toMatchObject({ code: "UNAVAILABLE", reason: "connection-refused" });
  await double.listen();
  expect(await contentOf(read(provider, "db"))).toBe("s3cret-fixture");
});

test.each([
  ['{"a":1}', "syntax"],
  ['{"a":"x","a":"y"}', "duplicate-key"],
  ["{", "syntax"],
  ["password=s3cret-fixture", "syntax"],
  ["", "syntax"],
])("a file that holds no items is INVALID_VALUE, and nothing is sent: %s", async (content, reason) => {
  fixture.write("db.json", content);
  const error = await rejection(read(await open(), "db"));
  expect(error).toMatchObject({ code: "INVALID_VALUE", reason });
  expect(double.requests).toEqual([]);
  expect(String(error)).not.toContain("s3cret-fixture");
});

test("diagnose tells that Kamus is no longer kept up", async () => {
  const findings = (await (await open({ tls: { verify: false } })).diagnose?.(forever)) ?? [];
  expect(findings.map(({ code }) => code)).toEqual(expect.arrayContaining(["tls-unverified", "kamus-archived"]));
  expect(fixture.host.warnings.map(({ code }) => code)).toContain("tls-unverified");
});
