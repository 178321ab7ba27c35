import { afterEach, beforeEach, expect, test } from "vitest";
import { rejection } from "../../../test/http-fixture.ts";
import { replied } from "../../../test/vault/double/engine-call.ts";
import { type EngineFixture, openEngineFixture, readOk } from "../../../test/vault/engine-fixture.ts";

const everyByte = Uint8Array.from({ length: 256 }, (_, index) => index);
let fixture: EngineFixture;
beforeEach(async () => {
  fixture = await openEngineFixture();
  fixture.engines.transit.createKey("app");
});
afterEach(() => fixture[Symbol.asyncDispose]());

function mounts(ciphertexts: object): Record<string, unknown> {
  return { mounts: { transit: { engine: "transit", ciphertexts } } };
}

async function read(declared: object): Promise<unknown> {
  const provider = await fixture.open(mounts({ billing: declared }));
  const { payload } = await readOk(provider, "transit/billing");
  return payload;
}

test.each([
  ["every byte", everyByte],
  ["nothing", new Uint8Array()],
  ["one byte", Uint8Array.of(0)],
])("decrypts to the exact bytes: %s", async (_, bytes) => {
  const ciphertext = fixture.engines.transit.encrypt("app", bytes);
  expect(await read({ key: "app", ciphertext })).toEqual({ kind: "value", bytes });
});

test("sends the context of a derived key and the associated data", async () => {
  fixture.engines.transit.createKey("derived", true);
  const extra = { context: "dGVuYW50", associatedData: "cm93LTE=" };
  const ciphertext = fixture.engines.transit.encrypt("derived", everyByte, extra);
  expect(await read({ key: "derived", ciphertext, ...extra })).toEqual({ kind: "value", bytes: everyByte });
});

test("decrypts a ciphertext of an older version of the key", async () => {
  const ciphertext = fixture.engines.transit.encrypt("app", everyByte);
  fixture.engines.transit.rotate("app");
  expect(await read({ key: "app", ciphertext })).toMatchObject({ bytes: everyByte });
});

test("is not dynamic, and not-modified if the caller has the same content", async () => {
  const ciphertext = fixture.engines.transit.encrypt("app", everyByte);
  const provider = await fixture.open(mounts({ "a/b": { key: "app", ciphertext } }));
  const { version, lease } = await readOk(provider, "transit/a/b");
  const again = await provider.get({ path: "transit/a/b", version: "current", ifVersion: version }, fixture.context);
  expect([again, lease, provider.isDynamic?.("transit/a/b")]).toEqual([
    { status: "not-modified", version },
    undefined,
    false,
  ]);
});

test("distinguishes a missing key from a missing secret", async () => {
  const ciphertext = fixture.engines.transit.encrypt("app", everyByte);
  fixture.engines.transit.keys.clear();
  expect(await rejection(read({ key: "app", ciphertext }))).toMatchObject({
    code: "INVALID_VALUE",
    reason: "transit-key",
  });
});

test("reports a disallowed version of the key", async () => {
  const ciphertext = fixture.engines.transit.encrypt("app", everyByte);
  fixture.engines.transit.rotate("app", 2);
  expect(await rejection(read({ key: "app", ciphertext }))).toMatchObject({
    code: "INVALID_VALUE",
    reason: "transit-version",
  });
});

test.each([
  ["of another key", { key: "other" }],
  ["with other associated data", { key: "app", associatedData: "AAAA" }],
])("reports a ciphertext that cannot be decrypted: %s", async (_, declared) => {
  fixture.engines.transit.createKey("other");
  const ciphertext = fixture.engines.transit.encrypt("app", everyByte);
  expect(await rejection(read({ ...declared, ciphertext }))).toMatchObject({
    code: "INVALID_VALUE",
    reason: "transit-ciphertext",
  });
});

test.each(["vault:v1:!", "vault:v9:AAAA"])("reports an invalid ciphertext: %s", async (ciphertext) => {
  expect(await rejection(read({ key: "app", ciphertext }))).toMatchObject({
    code: "INVALID_VALUE",
    reason: "transit-ciphertext",
  });
});

test("reports that a derived key requires a context", async () => {
  fixture.engines.transit.createKey("derived", true);
  const ciphertext = fixture.engines.transit.encrypt("derived", everyByte, { context: "AAAA" });
  expect(await rejection(read({ key: "derived", ciphertext }))).toMatchObject({
    code: "INVALID_CONFIG",
    reason: "request-refused",
  });
});

test.each([undefined, 5, "not base64", "aGVsbG8", "aGVs\nbG8="])(
  "refuses a plaintext that is not base64: %j",
  async (plaintext) => {
    fixture.double.override = ({ path }) => (path.startsWith("transit/") ? replied({ plaintext }) : undefined);
    expect(await rejection(read({ key: "app", ciphertext: "vault:v1:AAAA" }))).toMatchObject({
      code: "INTERNAL",
      reason: "malformed-answer",
    });
  },
);

test.each(["other", "constructor", "billing/x"])("refuses an undeclared path: %s", async (path) => {
  const provider = await fixture.open(mounts({ billing: { key: "app", ciphertext: "vault:v1:AAAA" } }));
  expect(await rejection(readOk(provider, `transit/${path}`))).toMatchObject({
    code: "INVALID_NAME",
    reason: "undeclared",
  });
  expect(fixture.asked()).toEqual([]);
});

test.each([
  { key: "a/b", ciphertext: "vault:v1:AAAA" },
  { key: "app", ciphertext: "s3cret-fixture" },
  { key: "app", ciphertext: "vault:v1:AAAA", context: "not base64" },
  { key: "app", ciphertext: "vault:v1:AAAA", plaintext: "x" },
])("refuses invalid options: %j", async (declared) => {
  expect(await rejection(fixture.open(mounts({ billing: declared })))).toMatchObject({ code: "INVALID_CONFIG" });
});
