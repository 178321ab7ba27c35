import type { CallContext, SecretPayload } from "@tacit/core/provider";
import type { Keys } from "../shared/keys/open-keys.ts";
import { dataKeyOf } from "./data-key.ts";
import { decryptTrees } from "./decrypt-trees.ts";
import { formatOf, readTrees, type SopsFormat } from "./format/read-trees.ts";
import { parseMetadata } from "./metadata.ts";
import { payloadOf } from "./payload.ts";
import { splitMetadata } from "./plain-metadata.ts";

/** One file as it lies there. */
export interface SopsFile {
  readonly bytes: Uint8Array;
  readonly path: string;
  /** `extension` goes by the file name. */
  readonly format: SopsFormat | "extension";
}

/** Decrypts a file whole. @throws {SecretError} INVALID_VALUE, and what its keys throw */
export async function decryptFile(
  { bytes, path, format: given }: SopsFile,
  keys: Keys,
  context: CallContext,
): Promise<SecretPayload> {
  const format = given === "extension" ? formatOf(path) : given;
  const documents = await readTrees(bytes, format, path);
  const flattened = format === "env" ? "with-prefix" : format === "ini" ? "below-key" : "not";
  const { metadata: branch, values } = splitMetadata(documents, flattened);
  const metadata = await parseMetadata(branch);
  const { rule, macOnlyEncrypted } = metadata;
  // Where the MAC is over all values, the form of each tells enough.
  const trees =
    rule.comments !== undefined && macOnlyEncrypted
      ? splitMetadata(await readTrees(bytes, format, path, rule.comments.matches), flattened).values
      : values;
  const dataKey = await dataKeyOf(metadata, keys, context);
  try {
    return payloadOf(decryptTrees(trees, metadata, dataKey), format);
  } finally {
    dataKey.fill(0);
  }
}
