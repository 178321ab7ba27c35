import { generateKeyPairSync, randomUUID } from "node:crypto";

/** What kinds of values services have; each resists other encodings. */
export const secretKinds: Readonly<Record<string, string>> = {
  token: "s3cret-fixtureT0ken_4fQz8Lw2Xb7Kd9Ym",
  "password of 24 characters": `s3cret "x's\\p %42 <&>é/+`,
  PEM: newPrivateKey("sec1"),
  UUID: randomUUID(),
  "password of 12 characters": "Fixture&s3kr",
};

/** A private key that nobody uses. */
export function newPrivateKey(type: "sec1" | "pkcs8"): string {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  return privateKey.export({ type, format: "pem" }).toString();
}
