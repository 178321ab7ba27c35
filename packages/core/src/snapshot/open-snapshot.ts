import type { AnyKeyRing, KeyRingAdapter, KeyRings } from "../contract/key-ring.ts";
import { isSecretError, SecretError } from "../error/secret-error.ts";
import { createProviderHost, type ProviderDependencies } from "../provider/provider-host.ts";
import { Snapshot, type SnapshotDependencies } from "./snapshot.ts";

/** The parts from which a client's snapshot is created. */
export interface SnapshotParts extends Omit<SnapshotDependencies, "ring" | "scheduler" | "emit"> {
  readonly keys: KeyRings | undefined;
  readonly dependencies: ProviderDependencies;
  /** Resolves and validates the keys of the document. */
  readOptions(ring: AnyKeyRing): Promise<unknown>;
}

/**
 * Loads the key services and checks their options, without reading a file.
 * @throws {SecretError} INVALID_CONFIG
 */
export async function openSnapshot(parts: SnapshotParts): Promise<Snapshot> {
  const { keys, dependencies, config, providers, views } = parts;
  const { scheduler, emit } = dependencies;
  if (keys === undefined) throw noKeys();
  const loaded = await load(keys);
  const options = await parts.readOptions(loaded);
  const { host } = createProviderHost({ name: "snapshot", use: "keys", optional: false, options: {} }, dependencies);
  const ring = (loaded as KeyRingAdapter).open(options, host);
  return new Snapshot({ config, providers, views, ring, scheduler, emit });
}

async function load(keys: KeyRings): Promise<AnyKeyRing> {
  try {
    return typeof keys === "function" ? await keys() : keys;
  } catch (error) {
    if (isSecretError(error)) throw error;
    throw new SecretError("INVALID_CONFIG", "the key services of the snapshot cannot be loaded", {
      reason: "adapter-load",
      cause: error,
    });
  }
}

function noKeys(): SecretError {
  return new SecretError("INVALID_CONFIG", "`snapshot`: this application did not pass the key services for it", {
    reason: "snapshot-keys",
    tip: "Pass `keys` from @tacit/providers to createSecrets, beside `adapters`.",
  });
}
