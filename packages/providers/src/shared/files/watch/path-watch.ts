import type { SubscriptionState } from "@tacit/core/provider";
import type { FilesContext } from "../context.ts";
import { parsePath } from "../path.ts";
import { isLeftover } from "../plain/plain-content.ts";
import type { DirectoryEvent } from "./directory-watch.ts";
import { keyOfPlan, planWatch, type WatchPlan } from "./watch-plan.ts";
import type { WatchPool, WatchUse } from "./watch-pool.ts";

/** A watched path. The watch adapts when the path changes between missing, volume and plain file, and when its links change. */
export class PathWatch {
  readonly hints: Set<() => void> = new Set();
  readonly #context: FilesContext;
  readonly #pool: WatchPool;
  readonly #segments: readonly string[];
  readonly #onState: () => void;
  #plan: WatchPlan = { points: [] };
  /** directory -> its watch */
  #uses: ReadonlyMap<string, WatchUse> = new Map();
  #isClosed = false;

  constructor(context: FilesContext, pool: WatchPool, path: string, onState: () => void) {
    this.#context = context;
    this.#pool = pool;
    this.#segments = parsePath(path);
    this.#onState = onState;
    this.#follow();
  }

  /** The state of a watch that does not report all changes; undefined if it does. */
  get state(): SubscriptionState | undefined {
    const code = this.#plan.code ?? [...this.#uses.values()].find(({ failure }) => failure !== undefined)?.failure;
    return code === undefined ? undefined : { mode: "poll", code };
  }

  /** Whether changes may be missed that polling can find. False for a mount that never changes, which only the client polls. */
  get isBlind(): boolean {
    return this.state !== undefined && this.#plan.code !== "static-mount";
  }

  /** Checks that the right directories are watched. */
  verify(): void {
    for (const use of this.#uses.values()) use.verify();
  }

  /** Repairs the watch and hints, for a path whose changes may be missed. */
  look(): void {
    this.verify();
    this.#followAndHint();
  }

  close(): void {
    this.#isClosed = true;
    this.hints.clear();
    for (const use of this.#uses.values()) use.release();
    this.#uses = new Map();
  }

  #onEvent(directory: string, event: DirectoryEvent): void {
    const { name, renamed, replaced } = event;
    if (this.#isClosed || !(replaced || name === undefined || this.#concerns(directory, name))) return;
    this.#onState();
    // A write does not change the location of a path.
    if (renamed || replaced || name === undefined) this.#followAndHint();
    else this.#hint();
  }

  #concerns(directory: string, name: string): boolean {
    return this.#plan.points.some((point) => {
      if (point.directory !== directory) return false;
      return point.names === undefined ? name === "..data" || !isPassing(name) : point.names.has(name);
    });
  }

  #followAndHint(): void {
    this.#follow();
    this.#onState();
    this.#hint();
  }

  #hint(): void {
    for (const hint of [...this.hints]) hint();
  }

  /** Plans and opens watches until the plan made after opening them is the same, so that no change in between is missed. */
  #follow(): void {
    for (let moves = 0; moves < mostMoves && !this.#isClosed; moves++) {
      const look = moves === 0 ? this.#context.sharedLook : undefined;
      const plan = planWatch(this.#context, this.#segments, (path) => this.#pool.follow(path, moves > 0), look);
      if (moves > 0 && keyOfPlan(plan) === keyOfPlan(this.#plan)) break;
      this.#plan = plan;
      if (!this.#watch(plan)) break;
    }
  }

  /** Opens the watches of a plan. Returns whether one was opened, in which case the plan may be outdated. */
  #watch({ points }: WatchPlan): boolean {
    const before = this.#uses;
    const uses = new Map<string, WatchUse>();
    let hasOpened = false;
    for (const { directory } of points) {
      if (uses.has(directory)) continue;
      const use = before.get(directory) ?? this.#pool.acquire(directory, (event) => this.#onEvent(directory, event));
      hasOpened ||= use.isNew && !before.has(directory);
      uses.set(directory, use);
    }
    this.#uses = uses;
    for (const [directory, use] of before) if (!uses.has(directory)) use.release();
    return hasOpened;
  }
}

/** Bounds the attempts for a directory that keeps changing. */
const mostMoves = 10;

/** Returns whether a name in a plain directory is not a field. */
function isPassing(name: string): boolean {
  return name.startsWith("..") || isLeftover(name, () => false);
}
