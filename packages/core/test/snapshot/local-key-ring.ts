import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import type { AnyKeyRing, KeyRing } from "../../src/contract/key-ring.ts";
import { SecretError } from "../../src/error/secret-error.ts";

/** A key service in memory: it keeps the key of an operator, and may be told to deny or to hang. */
export class LocalKeyRing {
  readonly #key = randomBytes(32);
  readonly #unwrapped = Promise.withResolvers<void>();
  /** Settles at the first unwrap. */
  readonly unwrapped: Promise<void> = this.#unwrapped.promise;
  wraps = 0;
  unwraps = 0;
  closings = 0;
  fault: SecretError | undefined;
  hangs = false;

  adapter(): AnyKeyRing {
    return {
      options: async () => ({ "~standard": { version: 1, vendor: "test", validate: (value) => ({ value }) } }),
      credentials: ["keys.key"],
      open: (): KeyRing => ({
        wrap: (dataKey) => this.#answer(() => this.#wrap(dataKey)),
        unwrap: (wrapped) => this.#answer(() => this.#unwrap(String(wrapped.ciphertext))),
        close: async () => {
          this.closings += 1;
        },
      }),
    };
  }

  #wrap(dataKey: Uint8Array): { readonly use: string; readonly ciphertext: string } {
    this.wraps += 1;
    const nonce = randomBytes(12);
    const cipher = createCipheriv("aes-256-gcm", this.#key, nonce);
    const sealed = [nonce, cipher.update(dataKey), cipher.final(), cipher.getAuthTag()];
    return { use: "local", ciphertext: Buffer.concat(sealed).toString("base64") };
  }

  #unwrap(ciphertext: string): Uint8Array {
    this.unwraps += 1;
    this.#unwrapped.resolve();
    const sealed = Buffer.from(ciphertext, "base64");
    const decipher = createDecipheriv("aes-256-gcm", this.#key, sealed.subarray(0, 12));
    decipher.setAuthTag(sealed.subarray(-16));
    try {
      return Buffer.concat([decipher.update(sealed.subarray(12, -16)), decipher.final()]);
    } catch {
      throw new SecretError("INVALID_VALUE", "no key opens it", { reason: "no-key" });
    }
  }

  async #answer<V>(answer: () => V): Promise<V> {
    if (this.hangs) await new Promise(() => undefined);
    if (this.fault !== undefined) throw this.fault;
    return answer();
  }
}
