import type { SecretPayload } from "@tacit/core/provider";
import type { VolumeLocation } from "./location.ts";

/** The state of a path when it was last read in full. */
export interface KnownPath {
  readonly version: string;
  /** The version of the content before it was decoded. */
  readonly contentVersion: string;
  /** For a volume: its publication, and where the path was found. Absent for plain files. */
  readonly revision?: string;
  readonly location?: VolumeLocation;
  /** Field names; none for a value. */
  readonly keys: readonly string[];
  /** On the monotonic clock. */
  readonly readAt: number;
}

/** As many as a client pins by default ten times over; beyond them a read merely costs more. */
const mostPaths = 10_000;

/** The last known state of the paths of one provider; it holds names and versions, never a value. */
export interface KnownPaths {
  get(path: string): KnownPath | undefined;
  note(path: string, known: KnownPath): void;
  forget(path: string): void;
}

/** Makes an empty memory. The path that was noted longest ago goes first. */
export function createKnownPaths(limit: number = mostPaths): KnownPaths {
  const paths = new Map<string, KnownPath>();
  return {
    get: (path) => paths.get(path),
    note(path, known) {
      paths.delete(path);
      paths.set(path, known);
      // A map whose first entries were deleted takes its time to find the first one: it is asked only where one must go.
      if (paths.size > limit) paths.delete(paths.keys().next().value as string);
    },
    forget: (path) => void paths.delete(path),
  };
}

/** The names of a payload's fields. */
export function keysOf(payload: SecretPayload): readonly string[] {
  return payload.kind === "value" ? [] : [...payload.fields.keys()];
}
