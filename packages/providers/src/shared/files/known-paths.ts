import type { SecretPayload } from "@tacit/core/provider";
import type { VolumeLocation } from "./location.ts";

/** The state of a path when it was last read in full. */
export interface KnownPath {
  readonly version: string;
  /** The version of the content before it was decoded. */
  readonly contentVersion: string;
  /** For a volume: the publication, and the location of the path. Absent for plain files. */
  readonly revision?: string;
  readonly location?: VolumeLocation;
  /** The names of the fields; empty for a value. */
  readonly keys: readonly string[];
  /** The monotonic time of the read. */
  readonly readAt: number;
}

/** Bounds the memory. A read of a forgotten path only takes longer. */
const mostPaths = 10_000;

/** The last known state of the paths of a provider: names and versions, but no values. */
export interface KnownPaths {
  get(path: string): KnownPath | undefined;
  note(path: string, known: KnownPath): void;
  forget(path: string): void;
}

/** Creates an empty collection. Above the limit, the path that was noted longest ago is removed. */
export function createKnownPaths(limit: number = mostPaths): KnownPaths {
  const paths = new Map<string, KnownPath>();
  return {
    get: (path) => paths.get(path),
    note(path, known) {
      paths.delete(path);
      paths.set(path, known);
      // Finding the first entry of a map is slow after deletions at its beginning, so it is done only above the limit.
      if (paths.size > limit) paths.delete(paths.keys().next().value as string);
    },
    forget: (path) => void paths.delete(path),
  };
}

/** Returns the field names of a payload; empty for a value. */
export function keysOf(payload: SecretPayload): readonly string[] {
  return payload.kind === "value" ? [] : [...payload.fields.keys()];
}
