import type { SubscriptionState } from "@tacit/core/provider";
import type { FilesContext } from "../context.ts";
import { parsePath } from "../path.ts";
import { isLeftover } from "../plain/plain-content.ts";
import type { DirectoryEvent } from "./directory-watch.ts";
import { keyOfPlan, planWatch, type WatchPlan } from "./watch-plan.ts";
import type { WatchPool, WatchUse } from "./watch-pool.ts";

/** One watched path. It follows the path from missing to volume to plain file and back, and along links that are turned. */
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

  /** Absent while changes are told. */
  get state(): SubscriptionState | undefined {
    const code = this.#plan.code ?? [...this.#uses.values()].find(({ failure }) => failure !== undefined)?.failure;
    return code === undefined ? undefined : { mode: "poll", code };
  }

  /** Whether looking may find what nothing tells. A mount that never changes is left to the client's poll. */
  get isBlind(): boolean {
    return this.state !== undefined && this.#plan.code !== "static-mount";
  }

  verify(): void {
    for (const use of this.#uses.values()) use.verify();
  }

  /** Repairs the watch and hints, for a path of which not everything is told. */
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

  #hear(directory: string, event: DirectoryEvent): void {
    const { name, renamed, replaced } = event;
    if (this.#isClosed || !(replaced || name === undefined || this.#concerns(directory, name))) return;
    this.#onState();
    // What is written to a file does not change where its path leads.
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

  /** Watches first and looks afterwards, so nothing falls between the two. */
  #follow(): void {
    for (let moves = 0; moves < mostMoves && !this.#isClosed; moves++) {
      const look = moves === 0 ? this.#context.sharedLook : undefined;
      const plan = planWatch(this.#context, this.#segments, (path) => this.#pool.follow(path, moves > 0), look);
      if (moves > 0 && keyOfPlan(plan) === keyOfPlan(this.#plan)) break;
      this.#plan = plan;
      if (!this.#watch(plan)) break;
    }
  }

  /** Returns whether a watch was opened, so that what was planned before it stood may be out of date. */
  #watch({ points }: WatchPlan): boolean {
    const before = this.#uses;
    const uses = new Map<string, WatchUse>();
    let hasOpened = false;
    for (const { directory } of points) {
      if (uses.has(directory)) continue;
      const use = before.get(directory) ?? this.#pool.acquire(directory, (event) => this.#hear(directory, event));
      hasOpened ||= use.isNew && !before.has(directory);
      uses.set(directory, use);
    }
    this.#uses = uses;
    for (const [directory, use] of before) if (!uses.has(directory)) use.release();
    return hasOpened;
  }
}

/** A directory that comes and goes under the watcher settles long before. */
const mostMoves = 10;

/** In a plain directory: what is no field. */
function isPassing(name: string): boolean {
  return name.startsWith("..") || isLeftover(name, () => false);
}
