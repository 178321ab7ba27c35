import type { SecretPayload } from "@tacit/core/provider";
import { type FileSystem, lookAt } from "../file-system.ts";
import type { VolumeSnapshot } from "./volume-snapshot.ts";

/** Returns whether fields of the previous read are missing, which may be the beginning of a deletion of the volume. */
export function lacksKeys(payload: SecretPayload | undefined, keysBefore: readonly string[] | undefined): boolean {
  if (keysBefore === undefined || payload?.kind === "value") return false;
  return payload === undefined || keysBefore.some((key) => !payload.fields.has(key));
}

/**
 * Returns whether a key is missing from the tree although its link next to `..data` exists: temporarily after a swap that
 * removes the key, permanently after a crash, and while the volume is being deleted.
 */
export function lacksLinked(
  fileSystem: FileSystem,
  snapshot: VolumeSnapshot,
  rest: readonly string[],
  payload: SecretPayload | undefined,
): boolean {
  const [first] = rest;
  if (first !== undefined) return payload === undefined && isLostLink(fileSystem, snapshot, first);
  if (!snapshot.isTooFreshToTell()) return false;
  const found = new Set(
    payload?.kind === "fields" ? [...payload.fields.keys()].map((key) => key.split("/", 1)[0]) : [],
  );
  const names = fileSystem.readdirSync(snapshot.directory);
  return names.some((name) => !name.startsWith("..") && !found.has(name));
}

function isLostLink(fileSystem: FileSystem, snapshot: VolumeSnapshot, name: string): boolean {
  if (lookAt(fileSystem, `${snapshot.tree}/${name}`) !== undefined) return false;
  return lookAt(fileSystem, `${snapshot.directory}/${name}`)?.isSymbolicLink() ?? false;
}
