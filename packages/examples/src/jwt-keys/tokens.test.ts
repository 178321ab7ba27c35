import { generateKeyPairSync } from "node:crypto";
import { assertNoLeak, mockSecrets } from "@tacit/core/testing";
import { decodeProtectedHeader } from "jose";
import { expect, test } from "vitest";
import { declared, issueToken, publicKeys, verifyToken } from "./tokens.ts";

const [old, next] = [createKey(), createKey()];
const mock = () => mockSecrets({ "jwt/signing-key": old }, { declare: declared });

function createKey(): string {
  return generateKeyPairSync("ed25519").privateKey.export({ format: "pem", type: "pkcs8" }) as string;
}

test("a token outlives the rotation of its key, and not the overlap", async () => {
  const secrets = mock();
  const before = await issueToken(secrets, "order 7");
  secrets.set("jwt/signing-key", next);
  await secrets.flush();
  const after = await issueToken(secrets, "order 8");
  expect(decodeProtectedHeader(after).kid).not.toBe(decodeProtectedHeader(before).kid);
  expect([await verifyToken(secrets, before), await verifyToken(secrets, after)]).toEqual(["order 7", "order 8"]);
  await secrets.advance(3_600_000);
  await expect(verifyToken(secrets, before)).rejects.toMatchObject({ code: "ERR_JWKS_NO_MATCHING_KEY" });
  expect(await verifyToken(secrets, after)).toBe("order 8");
});

test("the keys that others read hold no private part", async () => {
  const secrets = mock();
  secrets.set("jwt/signing-key", next);
  await secrets.flush();
  const { keys } = await publicKeys(secrets);
  expect(keys).toHaveLength(2);
  expect(keys.flatMap(Object.keys)).not.toContain("d");
  assertNoLeak(keys);
});

test("a token that somebody forged is refused", async () => {
  const secrets = mock();
  const forged = (await issueToken(secrets, "order 7")).replace(/\.[^.]+$/, ".AAAA");
  await expect(verifyToken(secrets, forged)).rejects.toMatchObject({ code: "ERR_JWS_SIGNATURE_VERIFICATION_FAILED" });
});
