import type { FileSystem } from "../file-system.ts";
import { openSnapshot, type VolumeSnapshot } from "./volume-snapshot.ts";

/** A snapshot shared by simultaneous reads, so that all keys of a volume need one check before and one after. */
export interface SharedSnapshot {
  readonly snapshot: VolumeSnapshot;
  /** Returns whether the snapshot is still intact; called after the read. */
  intact(): Promise<boolean>;
}

/** The snapshots that new reads can join. */
export interface Snapshots {
  /** Returns the snapshot that another read has opened in this microtask, or opens one. @throws as `openSnapshot` does */
  join(directory: string, path: string): SharedSnapshot | "incomplete" | "no-volume";
}

/** Creates the snapshots of a provider. */
export function createSnapshots(fileSystem: FileSystem): Snapshots {
  /** directory -> the snapshot that still accepts readers */
  const open = new Map<string, SharedSnapshot>();
  const share = (snapshot: VolumeSnapshot): SharedSnapshot => {
    /** The check that simultaneous reads share. */
    let check: Promise<boolean> | undefined;
    const intact = (): Promise<boolean> => {
      check ??= Promise.resolve().then(() => {
        check = undefined;
        return snapshot.isIntact();
      });
      return check;
    };
    return { snapshot, intact };
  };
  return {
    join(directory, path) {
      const joined = open.get(directory);
      if (joined !== undefined) return joined;
      const snapshot = openSnapshot(fileSystem, directory, path);
      if (typeof snapshot === "string") return snapshot;
      const shared = share(snapshot);
      open.set(directory, shared);
      queueMicrotask(() => open.delete(directory));
      return shared;
    },
  };
}
