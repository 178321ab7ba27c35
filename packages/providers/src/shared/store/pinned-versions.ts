import { type CallContext, type ReadRequest, SecretError } from "@tacit/core/provider";
import type { FlatNames } from "./flat-names.ts";

/** The functions that read one version of a secret. They return undefined if it does not exist. */
export interface VersionReads<V> {
  /** Reads a version. @param version undefined for the current one */
  version(name: string, version: string | undefined, context: CallContext): Promise<V | undefined>;
  /** Reads the version before the current one. */
  previous(name: string, context: CallContext): Promise<V | undefined>;
}

/**
 * Reads the version of a request, in a store whose paths may contain a version. A version in the path replaces the current one.
 * @throws {SecretError} INVALID_NAME `path`; UNSUPPORTED `versions` for the previous version of a path with a version; errors
 * of the store
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
