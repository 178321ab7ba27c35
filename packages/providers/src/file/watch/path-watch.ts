import type { SubscriptionState } from "@tacit/core/provider";
import { parsePath } from "../path.ts";
import type { Surroundings } from "../place.ts";
import type { SharedWatch, WatchEvent } from "./shared-watch.ts";
import { keyOfPlan, planWatch, type WatchPlan } from "./watch-plan.ts";

/** One use of a shared watch. */
export interface WatchUse {
  readonly watch: SharedWatch;
  /** Resolves when the watch is closed, if this was its last use. */
  release(): Promise<void>;
}

/** Watches of the system, each opened once and closed after its last use. */
export interface SharedWatchPool {
  /** The watch stands when this resolves. */
  acquire(plan: WatchPlan, listener: (event: WatchEvent) => void): Promise<WatchUse>;
}

/** One watched path. It follows the path from missing to volume to plain file and back. */
export class PathWatch {
  readonly hints: Set<() => void> = new Set();
  /** Resolves when a change from now on is told. */
  readonly standing: Promise<void>;
  readonly #surroundings: Surroundings;
  readonly #pool: SharedWatchPool;
  readonly #segments: readonly string[];
  readonly #onState: () => void;
  readonly #listener = (event: WatchEvent): void => this.#hear(event);
  #current: { readonly plan: WatchPlan; readonly use: WatchUse } | undefined;
  #placing: Promise<void> | undefined;
  #isClosed = false;

  constructor(surroundings: Surroundings, pool: SharedWatchPool, path: string, onState: () => void) {
    this.#surroundings = surroundings;
    this.#pool = pool;
    this.#segments = parsePath(path);
    this.#onState = onState;
    this.standing = this.#place();
    this.standing.catch(() => undefined);
  }

  /** Absent while changes are told. */
  get state(): SubscriptionState | undefined {
    return this.#current?.use.watch.state;
  }

  verify(): void {
    this.#current?.use.watch.verify();
  }

  /** Repairs the watch and hints, for a path of which nothing is told. */
  look(): void {
    this.verify();
    this.#placeAndHint();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.hints.clear();
    await this.#placing?.catch(() => undefined);
    const { use } = this.#current ?? {};
    this.#current = undefined;
    await use?.release();
  }

  #hear({ name, file, relocate }: WatchEvent): void {
    const plan = this.#current?.plan;
    if (this.#isClosed || plan === undefined) return;
    if (file !== undefined && !relocate && !concerns(file, plan.target)) return;
    if (plan.kind === "appearance" && !this.#mayBringIt(plan, name)) return;
    this.#onState();
    if (relocate) this.#placeAndHint();
    else this.#hint();
  }

  /** In the directory where the path ends for now, its next segment is of interest, and what makes the directory a volume. */
  #mayBringIt({ directory }: WatchPlan, name: string | undefined): boolean {
    const { root } = this.#surroundings;
    const depth = directory === root ? 0 : directory.slice(root.length).split("/").length - 1;
    const next = this.#segments[depth];
    return name === undefined || next === undefined || name === next || name.startsWith("..");
  }

  /** A watch that cannot be opened now is tried again on the next event or read; the client polls meanwhile. */
  #placeAndHint(): void {
    const hint = (): void => this.#hint();
    this.#place().then(hint, hint);
  }

  #hint(): void {
    for (const hint of [...this.hints]) hint();
  }

  /** One at a time: one that is under way looks again after each watch that it opens. */
  #place(): Promise<void> {
    this.#placing ??= this.#follow().finally(() => {
      this.#placing = undefined;
    });
    return this.#placing;
  }

  /** Watches first and looks afterwards, so nothing falls between the two. */
  async #follow(): Promise<void> {
    for (let moves = 0; moves < mostMoves && !this.#isClosed; moves++) {
      const plan = planWatch(this.#surroundings, this.#segments);
      const before = this.#current;
      if (before !== undefined && !before.use.watch.isDead && isSame(before.plan, plan)) return;
      this.#current = { plan, use: await this.#pool.acquire(plan, this.#listener) };
      void before?.use.release();
      this.#onState();
      // A volume's watch follows its directory by itself.
      if (plan.kind === "volume") return;
    }
  }
}

/** A directory that comes and goes under the watcher settles long before. */
const mostMoves = 10;

function isSame(left: WatchPlan, right: WatchPlan): boolean {
  return keyOfPlan(left) === keyOfPlan(right) && left.target === right.target;
}

/** Whether an event about one file or directory may change what another holds. */
function concerns(changed: string, target: string): boolean {
  return changed === target || changed.startsWith(`${target}/`) || target.startsWith(`${changed}/`);
}
