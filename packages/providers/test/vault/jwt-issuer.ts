import { createPublicKey, createSign, createVerify, generateKeyPairSync, type KeyObject } from "node:crypto";

/** Claims of a JWT. */
export type Claims = Readonly<Record<string, unknown>>;

/** An issuer of JWTs with a real key, and who verifies them. */
export class JwtIssuer {
  /** PEM, as a service account key file holds it. */
  readonly privateKey: string;
  readonly keyId = "fixture-key";
  readonly #public: KeyObject;

  constructor() {
    const pair = generateKeyPairSync("rsa", {
      modulusLength: 2048,
      privateKeyEncoding: { type: "pkcs8", format: "pem" },
      publicKeyEncoding: { type: "spki", format: "pem" },
    });
    this.privateKey = pair.privateKey;
    this.#public = createPublicKey(pair.publicKey);
  }

  issue(claims: Claims): string {
    const part = (content: object): string => Buffer.from(JSON.stringify(content)).toString("base64url");
    const signed = `${part({ alg: "RS256", kid: this.keyId })}.${part(claims)}`;
    return `${signed}.${createSign("RSA-SHA256").update(signed).sign(this.privateKey, "base64url")}`;
  }

  /** The claims; undefined where the signature, the key or the time is not right. */
  verify(jwt: unknown, now: number): Claims | undefined {
    const [head = "", body = "", signature = ""] = String(jwt).split(".");
    const isSigned = createVerify("RSA-SHA256").update(`${head}.${body}`).verify(this.#public, signature, "base64url");
    if (!isSigned) return undefined;
    const [header, claims] = [head, body].map(
      (part) => JSON.parse(Buffer.from(part, "base64url").toString()) as Claims,
    );
    if (header?.kid !== this.keyId || header.alg !== "RS256") return undefined;
    return Number(claims?.exp) * 1000 > now ? claims : undefined;
  }
}
