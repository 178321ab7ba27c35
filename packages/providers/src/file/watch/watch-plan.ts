import { dirname } from "node:path";
import { locate, type Place, type Surroundings } from "../place.ts";
import { isOwnMount } from "../static-mount.ts";

/** How changes of one path can be noticed, as things are now. */
export interface WatchPlan {
  /**
   * `volume`: the kubelet's writer replaces `..data` in the directory. `appearance`: something may come into being in it.
   * `plain`: files in it are written or renamed. `static`: a file that is mounted by itself, and never replaced.
   */
  readonly kind: "volume" | "appearance" | "plain" | "static";
  readonly directory: string;
  /** For `plain`: the file or directory that the path leads to. */
  readonly target: string;
  /** For `plain`: whether directories below count too. */
  readonly deep: boolean;
}

/** Decides where to look. A path that cannot be located now may be located once anything happens at the root. */
export function planWatch(surroundings: Surroundings, segments: readonly string[]): WatchPlan {
  try {
    return planFor(surroundings, locate(surroundings, segments));
  } catch {
    return planAt("appearance", surroundings.root);
  }
}

/** Plans with the same key share one watch. */
export function keyOfPlan({ kind, directory, deep }: WatchPlan): string {
  return `${kind} ${deep} ${directory}`;
}

function planFor({ fileSystem }: Surroundings, place: Place): WatchPlan {
  if (place.kind === "volume") return planAt("volume", place.directory);
  if (place.kind === "missing") return planAt("appearance", place.nearest);
  if (place.isDirectory) return { ...planAt("plain", place.file), deep: true };
  if (isOwnMount(fileSystem, place.file)) return planAt("static", place.file);
  return { ...planAt("plain", dirname(place.file)), target: place.file };
}

function planAt(kind: WatchPlan["kind"], directory: string): WatchPlan {
  return { kind, directory, target: directory, deep: false };
}
