import { type CallContext, type ReadRequest, SecretError } from "@tacit/core/provider";
import type { FlatNames } from "./flat-names.ts";

/** How a store reads the versions of a secret; undefined where there is none. */
export interface VersionReads<V> {
  /** @param version undefined for the current one */
  version(name: string, version: string | undefined, context: CallContext): Promise<V | undefined>;
  previous(name: string, context: CallContext): Promise<V | undefined>;
}

/**
 * Reads the version that a request asks for, where a path may name one already.
 * @throws {SecretError} INVALID_NAME `path`, UNSUPPORTED `versions` for the previous version of a path that names one, and what
 * the store throws
 */
export async function readPinned<V>(
  { path, version }: ReadRequest,
  names: FlatNames,
  reads: VersionReads<V>,
  context: CallContext,
): Promise<V | undefined> {
  const { name, version: pinned } = names.parse(path);
  if (version === "current") return reads.version(name, pinned, context);
  if (version !== "previous") return names.isVersion(version.id) ? reads.version(name, version.id, context) : undefined;
  if (pinned === undefined) return reads.previous(name, context);
  throw new SecretError("UNSUPPORTED", "a path with a version or alias has no previous version", {
    reason: "versions",
    tip: "Bind the name to the secret itself, or bind the previous version to a separate name.",
  });
}
