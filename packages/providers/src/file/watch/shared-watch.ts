import type { ProviderHost, SubscriptionState } from "@tacit/core/provider";
import type { FileSystem } from "../file-system.ts";
import type { FileOptions } from "../options.ts";
import { staticMountTip } from "../static-mount.ts";
import { DirectoryWatch } from "./directory-watch.ts";
import { openPlainWatch } from "./plain-watch.ts";
import type { WatchPlan } from "./watch-plan.ts";

/** Something happened. `name`: in the watched directory; `file`: a plain file or directory; neither: anything may have happened. */
export interface WatchEvent {
  readonly name?: string | undefined;
  readonly file?: string | undefined;
  /** Whether paths may now lead somewhere else. */
  readonly relocate: boolean;
}

/** One watch of the system, shared by all paths with the same plan. */
export interface SharedWatch {
  /** Absent while changes are told. */
  readonly state: SubscriptionState | undefined;
  /** Whether it hears nothing any more, because what it watched was replaced, and another is to be opened. */
  readonly isDead: boolean;
  /** Repairs what can be repaired: a directory that was replaced, a limit that has room again. */
  verify(): void;
  close(): void | Promise<void>;
}

/** What opening a watch needs. */
export interface WatchSurroundings {
  readonly fileSystem: FileSystem;
  readonly options: FileOptions;
  readonly host: ProviderHost;
}

/** Opens the watch of a plan; it stands when this resolves. */
export async function openSharedWatch(
  surroundings: WatchSurroundings,
  plan: WatchPlan,
  listener: (event: WatchEvent) => void,
): Promise<SharedWatch> {
  const { fileSystem, options, host } = surroundings;
  if (plan.kind === "static") {
    host.warn("static-mount", staticMountTip, { degrades: true });
    return standing("static-mount");
  }
  if (plan.kind === "plain") return openPlainWatch(surroundings, plan, listener);
  if (options.watch === "poll") return standing("polling");
  const published = plan.kind === "volume" ? publishedName(fileSystem, plan.directory) : undefined;
  return watchDirectory(surroundings, plan, listener, published);
}

function watchDirectory(
  { fileSystem, host }: WatchSurroundings,
  { kind, directory }: WatchPlan,
  listener: (event: WatchEvent) => void,
  initial: string | undefined,
): SharedWatch {
  let published = initial;
  let watch: DirectoryWatch | undefined;
  const warn = (): void => {
    if (watch?.failure !== undefined) host.warn(watch.failure, limitTip);
  };
  watch = new DirectoryWatch(fileSystem, directory, ({ name, replaced }) => {
    warn();
    if (kind === "appearance") return listener({ name, relocate: true });
    // Its own tree is touched only when its rights change or it is deleted; other names are steps of the writer.
    if (name !== undefined && name !== "..data" && name !== published) return;
    published = publishedName(fileSystem, directory);
    listener({ relocate: replaced });
  });
  warn();
  return {
    get state(): SubscriptionState | undefined {
      return watch.failure === undefined ? undefined : { mode: "poll", code: watch.failure };
    },
    isDead: false,
    verify: () => watch.verify(),
    close: () => watch.close(),
  };
}

/** What to do about a watch that cannot be had. */
export const limitTip: string =
  "Changes are found by looking every 5 s. Raise fs.inotify.max_user_instances or max_user_watches on the node: they count per user, over all its pods.";

function standing(code: string): SharedWatch {
  return { state: { mode: "poll", code }, isDead: false, verify: () => undefined, close: () => undefined };
}

function publishedName(fileSystem: FileSystem, directory: string): string | undefined {
  try {
    return fileSystem.readlinkSync(`${directory}/..data`);
  } catch {
    return undefined;
  }
}
