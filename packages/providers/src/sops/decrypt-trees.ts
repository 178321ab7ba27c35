import { createHash, type Hash, timingSafeEqual } from "node:crypto";
import { sealedError } from "../shared/keys/errors.ts";
import { decryptValue, isEncryptedForm } from "./encrypted-value.ts";
import { cleartextError, macError, ruleError, valueError } from "./errors.ts";
import type { SopsMetadata } from "./metadata.ts";
import { mostLeaves, type SopsLeaf, type SopsList, type SopsMap, type SopsNode } from "./tree.ts";

/**
 * Decrypts all documents of a file, and verifies that they are what was encrypted: whole, and in order.
 * @throws {SecretError} INVALID_VALUE `tampered`, `cleartext`, `mac-mismatch`, `encryption-rule` or `too-large`
 */
export function decryptTrees(
  documents: readonly SopsMap[],
  metadata: SopsMetadata,
  dataKey: Uint8Array,
): readonly SopsMap[] {
  const walk = new Walk(metadata, dataKey);
  const decrypted = documents.map((document) => walk.map(document, []));
  walk.verify();
  return decrypted;
}

/** Where a MAC is over encrypted values alone, it begins with the SHA-256 of `sops`. */
const seed = createHash("sha256").update("sops").digest();

class Walk {
  readonly #metadata: SopsMetadata;
  readonly #dataKey: Uint8Array;
  readonly #hash: Hash = createHash("sha512");
  #leaves = 0;

  constructor(metadata: SopsMetadata, dataKey: Uint8Array) {
    this.#metadata = metadata;
    this.#dataKey = dataKey;
    if (metadata.macOnlyEncrypted) this.#hash.update(seed);
  }

  map({ items }: SopsMap, path: readonly string[]): SopsMap {
    return {
      kind: "map",
      items: items.map(({ key, value }) => {
        const decrypted = this.#node(value, [...path, key]);
        if (decrypted === undefined)
          throw valueError("has a comment in the place of a value", [...path, key].join("."));
        return { key, value: decrypted };
      }),
    };
  }

  /** Compares what the values hash to with the MAC, which is encrypted like a value. */
  verify(): void {
    const { mac, lastModified } = this.#metadata;
    if (mac === "") throw macError("has no MAC");
    const wanted = decryptValue(mac, this.#dataKey, lastModified);
    if (wanted?.type !== "str") throw macError("has a MAC, or a date of change, that was altered");
    const found = Buffer.from(this.#hash.digest("hex").toUpperCase());
    if (found.length !== wanted.bytes.length || !timingSafeEqual(found, wanted.bytes))
      throw macError("is not what was encrypted: its MAC is of other values");
  }

  /** Undefined for a comment. */
  #node(node: SopsNode, path: readonly string[]): SopsNode | undefined {
    if (node.kind === "map") return this.map(node, path);
    if (node.kind === "list") return this.#list(node, path);
    return this.#leaf(node, path);
  }

  #list({ items }: SopsList, path: readonly string[]): SopsList {
    return { kind: "list", items: items.map((item) => this.#node(item, path)).filter((item) => item !== undefined) };
  }

  #leaf(leaf: SopsLeaf, path: readonly string[]): SopsLeaf | undefined {
    if (++this.#leaves > mostLeaves)
      throw sealedError("too-large", `holds more than ${mostLeaves} values`, "Divide it into several files.");
    if (leaf.type === "null") return leaf;
    const text = Buffer.from(leaf.bytes).toString();
    const isEncrypted = this.#isEncrypted(leaf, text, path);
    const value = isEncrypted ? this.#decrypted(leaf, text, path) : leaf;
    if (value.type === "comment") return undefined;
    if (isEncrypted || !this.#metadata.macOnlyEncrypted) this.#hash.update(value.bytes);
    return value;
  }

  /**
   * Where comments decide, the form of a value does: the MAC is over all values, so one that was put in the clear, or in, would
   * show. Not so where it is over encrypted values alone.
   */
  #isEncrypted(leaf: SopsLeaf, text: string, path: readonly string[]): boolean {
    const decided = this.#metadata.rule.isEncrypted(path);
    if (decided !== undefined) return decided;
    if (this.#metadata.macOnlyEncrypted)
      throw ruleError(
        "decides by comments what is encrypted, and has a MAC over encrypted values alone",
        "Take mac_only_encrypted out of .sops.yaml, or decide by keys: encrypted_regex.",
      );
    return leaf.type === "str" && isEncryptedForm(text);
  }

  #decrypted(leaf: SopsLeaf, text: string, path: readonly string[]): SopsLeaf {
    // SOPS leaves an empty text as it is.
    if (leaf.type === "str" && text === "") return leaf;
    const key = path.join(".");
    if (leaf.type !== "str" || !isEncryptedForm(text)) throw cleartextError(key);
    const value = decryptValue(text, this.#dataKey, `${path.join(":")}:`);
    if (value === undefined) throw valueError("has a value that was changed or moved", key);
    return value;
  }
}
