import { createHmac, timingSafeEqual } from "node:crypto";
import { declareSecrets, type Secret, type SecretsOf } from "@tacit/core";

/** One key, held twice: what is signed with it lives an hour, and every process has the next one within five minutes. */
export const declared = declareSecrets({
  signer: { ref: "link/key", overlap: "5m" },
  verifier: { ref: "link/key", overlap: "65m" },
});

/** Signs with the key before, until every verifier has the newest. */
export function sign(secrets: SecretsOf<typeof declared>, path: string): string {
  const key = secrets.accepted("signer").at(-1) ?? secrets.latest("signer");
  return digest(key, path).toString("base64url");
}

/** Whether a key that is accepted now has signed the path. */
export function isSigned(secrets: SecretsOf<typeof declared>, path: string, signature: string): boolean {
  const given = Buffer.from(signature, "base64url");
  const matches = secrets.accepted("verifier").map((key) => {
    const expected = digest(key, path);
    return given.length === expected.length && timingSafeEqual(given, expected);
  });
  return matches.includes(true);
}

function digest(key: Secret, path: string): Buffer {
  return createHmac("sha256", key.reveal()).update(path).digest();
}
