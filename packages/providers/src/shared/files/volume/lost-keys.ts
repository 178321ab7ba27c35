import type { SecretPayload } from "@tacit/core/provider";
import { type FileSystem, lookAt } from "../file-system.ts";
import type { VolumeSnapshot } from "./volume-snapshot.ts";

/** Returns whether fields are gone that were there before. A deletion that has just begun looks like a smaller Secret. */
export function lacksKeys(payload: SecretPayload | undefined, keysBefore: readonly string[] | undefined): boolean {
  if (keysBefore === undefined || payload?.kind === "value") return false;
  return payload === undefined || keysBefore.some((key) => !payload.fields.has(key));
}

/**
 * Whether a key is gone from the tree while its link beside `..data` remains: for a moment after a swap that removes the
 * key, for good after a crash, and when the volume is being deleted.
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
