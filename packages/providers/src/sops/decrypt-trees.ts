import { createHash, type Hash, timingSafeEqual } from "node:crypto";
import { sealedError } from "../shared/keys/errors.ts";
import { decryptValue, isEncryptedForm } from "./encrypted-value.ts";
import { cleartextError, macError, valueError } from "./errors.ts";
import type { SopsMetadata } from "./metadata.ts";
import { mostLeaves, type SopsLeaf, type SopsList, type SopsMap, type SopsNode } from "./tree.ts";

/**
 * Decrypts all documents of a file, and verifies that they are what was encrypted: whole, and in order.
 * @throws {SecretError} INVALID_VALUE `tampered`, `cleartext`, `mac-mismatch` or `too-large`
 */
export function decryptTrees(
  documents: readonly SopsMap[],
  metadata: SopsMetadata,
  dataKey: Uint8Array,
): readonly SopsMap[] {
  const walk = new Walk(metadata, dataKey);
  const decrypted = documents.map((document) => walk.map(document, { path: [], isCommented: false }));
  walk.verify();
  return decrypted;
}

/** Where a MAC is over encrypted values alone, it begins with the SHA-256 of `sops`. */
const seed = createHash("sha256").update("sops").digest();

/** Where a node stands. */
interface Place {
  readonly path: readonly string[];
  /** Whether a comment of the rule stands at it, or at something around it. */
  readonly isCommented: boolean;
}

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

  map({ items }: SopsMap, place: Place): SopsMap {
    return {
      kind: "map",
      items: items.map(({ key, value }) => {
        const path = [...place.path, key];
        const decrypted = this.#node(value, { ...place, path });
        if (decrypted === undefined) throw valueError("has a comment in place of a value", path.join("."));
        return { key, value: decrypted };
      }),
    };
  }

  /** Compares what the values hash to with the MAC, which is encrypted like a value. */
  verify(): void {
    const { mac, lastModified } = this.#metadata;
    if (mac === "") throw macError("has no MAC");
    const wanted = decryptValue(mac, this.#dataKey, lastModified);
    if (wanted?.type !== "str") throw macError("has a MAC or a modification date that was changed");
    const found = Buffer.from(this.#hash.digest("hex").toUpperCase());
    if (found.length !== wanted.bytes.length || !timingSafeEqual(found, wanted.bytes))
      throw macError("was changed after encryption: its MAC does not match its values");
  }

  /** Undefined for a comment. */
  #node(node: SopsNode, { path, isCommented }: Place): SopsNode | undefined {
    const place = { path, isCommented: isCommented || node.isCommented === true };
    if (node.kind === "map") return this.map(node, place);
    if (node.kind === "list") return this.#list(node, place);
    return this.#leaf(node, place);
  }

  #list({ items }: SopsList, place: Place): SopsList {
    return { kind: "list", items: items.map((item) => this.#node(item, place)).filter((item) => item !== undefined) };
  }

  #leaf(leaf: SopsLeaf, place: Place): SopsLeaf | undefined {
    if (++this.#leaves > mostLeaves)
      throw sealedError("too-large", `contains more than ${mostLeaves} values`, "Split it into several files.");
    if (leaf.type === "null") return leaf;
    const text = Buffer.from(leaf.bytes).toString();
    const isEncrypted = this.#isEncrypted(leaf, text, place);
    const value = isEncrypted ? this.#decrypted(leaf, text, place.path) : leaf;
    if (value.type === "comment") return undefined;
    if (isEncrypted || !this.#metadata.macOnlyEncrypted) this.#hash.update(value.bytes);
    return value;
  }

  /**
   * Where comments decide, the form of a value tells as much: a MAC over all values would show one that was put in the clear, or in. A MAC
   * over encrypted values alone does not.
   */
  #isEncrypted(leaf: SopsLeaf, text: string, { path, isCommented }: Place): boolean {
    const { rule, macOnlyEncrypted } = this.#metadata;
    const decided = rule.isEncrypted(path);
    if (decided !== undefined) return decided;
    if (macOnlyEncrypted) return isCommented === rule.comments?.encrypts;
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
