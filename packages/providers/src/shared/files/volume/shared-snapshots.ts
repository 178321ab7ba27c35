import type { FileSystem } from "../file-system.ts";
import { openSnapshot, type VolumeSnapshot } from "./volume-snapshot.ts";

/** A snapshot that the reads of one moment share: a thousand keys of a volume cost one check before and one after. */
export interface SharedSnapshot {
  readonly snapshot: VolumeSnapshot;
  /** Returns whether the snapshot is intact once this read is done. */
  intact(): Promise<boolean>;
}

/** The snapshots that are open now. */
export interface Snapshots {
  /** Joins the snapshot that another read has opened in this microtask, or opens one. */
  join(directory: string, path: string): SharedSnapshot | "incomplete" | "no-volume";
}

/** Makes the snapshots of one provider. */
export function createSnapshots(fileSystem: FileSystem): Snapshots {
  /** directory -> the snapshot that still accepts readers */
  const open = new Map<string, SharedSnapshot>();
  const share = (snapshot: VolumeSnapshot): SharedSnapshot => {
    /** The check after the reads of this moment. */
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
