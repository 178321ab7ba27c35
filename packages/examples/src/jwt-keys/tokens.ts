import { createPrivateKey, createPublicKey, type KeyObject } from "node:crypto";
import { declareSecrets, type Secret, type SecretsOf } from "@tacit/core";
import { calculateJwkThumbprint, createLocalJWKSet, type JSONWebKeySet, type JWK, jwtVerify, SignJWT } from "jose";

/** An Ed25519 key in PEM. The one before verifies for longer than its last token lives. */
export const declared = declareSecrets({ signing: { ref: "jwt/signing-key", overlap: "1h" } });

const lifetime = "15m";
const issuer = "https://shop.test";

/** Signs with the newest key, and names it in the header. */
export async function issueToken(secrets: SecretsOf<typeof declared>, subject: string): Promise<string> {
  const { privateKey, jwk } = await readKey(secrets.latest("signing"));
  return new SignJWT({ sub: subject })
    .setProtectedHeader({ alg: "EdDSA", kid: jwk.kid })
    .setIssuer(issuer)
    .setIssuedAt()
    .setExpirationTime(lifetime)
    .sign(privateKey);
}

/** What stands at /.well-known/jwks.json: the public halves of all keys that are accepted now. */
export async function publicKeys(secrets: SecretsOf<typeof declared>): Promise<JSONWebKeySet> {
  const keys = await Promise.all(secrets.accepted("signing").map(readKey));
  return { keys: keys.map(({ jwk }) => jwk) };
}

/** The subject of a token. @throws {JOSEError} for one that is expired, forged, or signed with a key that is not accepted */
export async function verifyToken(secrets: SecretsOf<typeof declared>, token: string): Promise<string | undefined> {
  const keySet = createLocalJWKSet(await publicKeys(secrets));
  const { payload } = await jwtVerify(token, keySet, { issuer, algorithms: ["EdDSA"] });
  return payload.sub;
}

async function readKey(secret: Secret): Promise<{ privateKey: KeyObject; jwk: JWK & { kid: string } }> {
  const privateKey = createPrivateKey(secret.reveal());
  const jwk = createPublicKey(privateKey).export({ format: "jwk" }) as JWK; // no private part
  return { privateKey, jwk: { ...jwk, alg: "EdDSA", use: "sig", kid: await calculateJwkThumbprint(jwk) } };
}
