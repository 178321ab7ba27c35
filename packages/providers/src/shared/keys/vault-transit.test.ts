import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { rejection } from "../../../test/http-fixture.ts";
import { type EngineFixture, openEngineFixture } from "../../../test/vault/engine-fixture.ts";
import { forever } from "../../../test/vault/fixture.ts";
import { openKeys } from "./open-keys.ts";
import { keyRingOptions, type VaultTransitKeyOptions } from "./options.ts";
import { createVaultTransit } from "./vault-transit.ts";

const dataKey = Buffer.from("s3cret-fixture-of-32-bytes-here!");
let fixture: EngineFixture;
let keyId: string;
beforeEach(async () => {
  fixture = await openEngineFixture();
  fixture.engines.transit.createKey("app");
  keyId = `${fixture.url}/v1/transit/keys/app`;
});
afterEach(() => fixture[Symbol.asyncDispose]());

/** Returns validated options. */
function options(changes: object = {}): VaultTransitKeyOptions {
  const { auth } = fixture.options;
  return keyRingOptions.parse({ keys: [{ use: "vault-transit", keyId, auth, ...changes }] })
    .keys[0] as unknown as VaultTransitKeyOptions;
}

function wrapped(changes: object = {}) {
  const ciphertext = fixture.engines.transit.encrypt("app", dataKey);
  return { use: "vault-transit", keyId, ciphertext, ...changes } as const;
}

/** Creates the service, without the variables of this process. */
function service(changes?: object) {
  return createVaultTransit(options(changes), fixture.host, {});
}

test("unwraps its own wrapped keys, and revokes its token when it is closed", async () => {
  const key = service();
  const result = await key.wrap?.(dataKey, {}, forever);
  expect(result).toMatchObject({ use: "vault-transit", keyId, ciphertext: expect.stringMatching(/^vault:v1:/) });
  if (result === undefined) throw new Error("it did not wrap");
  expect(Buffer.from((await key.unwrap(result, forever)) ?? [])).toEqual(dataKey);
  await key.close?.();
  expect(fixture.double.tokens.alive).toEqual([]);
});

test.each([
  ["another host", (id: string) => id.replace("127.0.0.1", "evil.example")],
  ["another port", (id: string) => id.replace(/:\d+/, ":1")],
  ["another mount", (id: string) => id.replace("transit", "other")],
  ["another key", (id: string) => id.replace("keys/app", "keys/root")],
  ["a host behind a user name", (id: string) => id.replace("http://", "http://127.0.0.1@evil.example/")],
  ["no address", () => "transit/keys/app"],
  ["another scheme", (id: string) => id.replace("http:", "https:")],
])("sends no request for a file with %s", async (_title, change) => {
  expect(await service().unwrap(wrapped({ keyId: change(keyId) }), forever)).toBeUndefined();
  expect(fixture.double.requests).toEqual([]);
});

test("an equivalent form of the address is accepted", async () => {
  const named = keyId.replace("127.0.0.1", "2130706433").replace("/v1/", "/v1/x/../");
  expect(await service().unwrap(wrapped({ keyId: named }), forever)).toEqual(new Uint8Array(dataKey));
});

test("sends requests to `endpoint` if it is set, and writes `keyId` into files", async () => {
  const files = "https://vault.example:8200/v1/transit/keys/app";
  const key = service({ keyId: files, endpoint: fixture.url });
  expect(await key.unwrap(wrapped({ keyId: files }), forever)).toEqual(new Uint8Array(dataKey));
  expect(await key.wrap?.(dataKey, {}, forever)).toMatchObject({ keyId: files });
});

describe("reports", () => {
  test.each<[string, () => unknown, object, string, string | undefined]>([
    ["a denial", () => Object.assign(fixture.double, { allows: () => false }), {}, "PERMISSION_DENIED", "key-service"],
    ["a key that is gone", () => fixture.engines.transit.keys.clear(), {}, "PERMISSION_DENIED", "key-service"],
    [
      "a version that must not be used any more",
      () => fixture.engines.transit.rotate("app", 2),
      {},
      "PERMISSION_DENIED",
      "key-service",
    ],
    [
      "a key that derives",
      () => fixture.engines.transit.createKey("app", true),
      {},
      "PERMISSION_DENIED",
      "key-service",
    ],
    [
      "a foreign ciphertext",
      () => undefined,
      { ciphertext: `vault:v1:${Buffer.alloc(60).toString("base64")}` },
      "INVALID_VALUE",
      "tampered",
    ],
    ["no ciphertext", () => undefined, { ciphertext: "vault:v1:" }, "INVALID_VALUE", "tampered"],
    ["a sealed Vault", () => Object.assign(fixture.double, { state: "sealed" }), {}, "UNAVAILABLE", "sealed"],
    [
      "a refused login",
      () => Object.assign(fixture.double, { refusesLogins: true }),
      {},
      "UNAUTHENTICATED",
      "login-refused",
    ],
  ])("%s", async (_title, prepare, changes, code, reason) => {
    const given = wrapped(changes);
    prepare();
    const error = await rejection(service().unwrap(given, forever));
    expect(error).toMatchObject({ code, reason });
    expect(`${error} ${JSON.stringify(error)}`).not.toContain("s3cret");
  });
});

test.each([
  "vault.example/v1/transit/keys/app",
  "https://vault.example/transit/keys/app",
  "https://vault.example/v1/transit/app",
  "https://user@vault.example/v1/transit/keys/app",
  "https://vault.example/v1/../keys/app",
  "https://vault.example/v1/transit/keys/..",
])("%s is refused as a key in a document", (id) => {
  expect(() => options({ keyId: id })).toThrow();
});

test("two keys of one document use separate tokens", async () => {
  fixture.engines.transit.createKey("other");
  const other = keyId.replace("keys/app", "keys/other");
  const keys = openKeys([options(), options({ keyId: other })], fixture.host);
  await keys.unwrap([wrapped()], forever);
  const ciphertext = fixture.engines.transit.encrypt("other", dataKey);
  await keys.unwrap([wrapped({ keyId: other, ciphertext })], forever);
  await keys.close();
  const tokens = fixture.host.protected.filter(({ name }) => name.startsWith("vault token"));
  expect(new Set(tokens.map(({ name }) => name)).size).toBe(2);
});
