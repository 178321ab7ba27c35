import { constants, generateKeyPairSync, type KeyObject, privateDecrypt, publicEncrypt } from "node:crypto";
import type { DoubleAnswer } from "../http-double.ts";
import { jsonOf, type StoreRequest } from "../store-double.ts";

/** The version of every key. */
const keyVersion = "0123456789abcdef0123456789abcdef";

/** The keys of a vault: RSA, each made when it is asked for first, which encrypt and decrypt with RSA-OAEP-256. */
export class KeysDouble {
  readonly #pairs = new Map<string, { readonly publicKey: KeyObject; readonly privateKey: KeyObject }>();

  /** @param origin of the vault */
  answer(request: StoreRequest, origin: string): DoubleAnswer {
    const [, name = "", action] = /^\/keys\/([^/]+)(?:\/[0-9a-f]{32})?\/(encrypt|decrypt)$/.exec(request.path) ?? [];
    const { alg, value } = jsonOf(request);
    if (action === undefined || alg !== "RSA-OAEP-256") return refusal();
    const bytes = Buffer.from(String(value), "base64url");
    const { publicKey, privateKey } = this.#pair(name);
    const how = { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: "sha256" };
    try {
      const result =
        action === "encrypt"
          ? publicEncrypt({ key: publicKey, ...how }, bytes)
          : privateDecrypt({ key: privateKey, ...how }, bytes);
      return { body: { kid: `${origin}/keys/${name}/${keyVersion}`, value: result.toString("base64url") } };
    } catch {
      return refusal();
    }
  }

  #pair(name: string): { readonly publicKey: KeyObject; readonly privateKey: KeyObject } {
    const pair = this.#pairs.get(name) ?? generateKeyPairSync("rsa", { modulusLength: 2048 });
    this.#pairs.set(name, pair);
    return pair;
  }
}

function refusal(): DoubleAnswer {
  return { status: 400, body: { error: { code: "BadParameter", message: "s3cret-fixture-of-a-message" } } };
}
