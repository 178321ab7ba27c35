import { createPublicKey, createSign, createVerify, generateKeyPairSync, type KeyObject } from "node:crypto";

/** Claims of a JWT. */
export type Claims = Readonly<Record<string, unknown>>;

/** An issuer of JWTs with a real key, and who verifies them. All issuers of a process have one key: it takes long to make. */
export class JwtIssuer {
  static #made: { readonly privateKey: string; readonly public: KeyObject } | undefined;

  /** PEM, as a service account key file holds it. */
  readonly privateKey: string;
  readonly keyId = "fixture-key";
  readonly #public: KeyObject;

  constructor() {
    JwtIssuer.#made ??= JwtIssuer.#make();
    this.privateKey = JwtIssuer.#made.privateKey;
    this.#public = JwtIssuer.#made.public;
  }

  static #make(): { readonly privateKey: string; readonly public: KeyObject } {
    const { privateKey, publicKey } = generateKeyPairSync("rsa", {
      modulusLength: 2048,
      privateKeyEncoding: { type: "pkcs8", format: "pem" },
      publicKeyEncoding: { type: "spki", format: "pem" },
    });
    return { privateKey, public: createPublicKey(publicKey) };
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
