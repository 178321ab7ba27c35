import type { Clock, Timer } from "./clock.ts";

/** Something that becomes due. It carries its own place in the queue, so that arming it again allocates nothing. */
export interface Task {
  /** Called once when due. What it throws is reported and disturbs no other task. */
  run(): void;
  /** Monotonic due time; written by the scheduler alone. */
  dueAt: number;
  /** Place in the queue, -1 when not armed; written by the scheduler alone. */
  slot: number;
}

/** The longest delay that a platform timer holds; a longer one would fire at once. */
const longestTimerMs = 2 ** 31 - 1;

/** One queue of due times and one armed timer for a whole client, whatever the number of its secrets. */
export class Scheduler {
  readonly clock: Clock;
  readonly random: () => number;
  /** binary heap, earliest first */
  readonly #heap: Task[] = [];
  #timer: Timer | undefined;
  #armedFor = Number.POSITIVE_INFINITY;
  #holders = 0;
  #stopped = false;
  #stamps = 0;
  readonly #onError: ((error: unknown) => void) | undefined;

  /** @param onError hears what a task throws */
  constructor(clock: Clock, random: () => number, onError?: (error: unknown) => void) {
    this.clock = clock;
    this.random = random;
    this.#onError = onError;
  }

  /** Returns a number above every one before it: orders what happens, whatever the clocks say. */
  stamp(): number {
    this.#stamps += 1;
    return this.#stamps;
  }

  /** Arms a task, or moves it if it is armed already. Never fires inside this call. */
  schedule(task: Task, delayMs: number): void {
    if (this.#stopped) return;
    this.#remove(task);
    // A NaN in the heap would fire for ever, and hide what is due behind it; a text makes one, too.
    task.dueAt = this.clock.monotonic() + Math.max(0, Number(delayMs) || 0);
    this.#place(task, this.#heap.length);
    this.#rise(task);
    this.#arm();
  }

  /** Moves a task forward, never back. */
  hasten(task: Task, delayMs: number): void {
    if (task.slot < 0 || task.dueAt > this.clock.monotonic() + delayMs) this.schedule(task, delayMs);
  }

  cancel(task: Task): void {
    if (this.#remove(task)) this.#arm();
  }

  /** Arms a one-off callback. */
  after(delayMs: number, callback: () => void): Task {
    const task: Task = { run: callback, dueAt: 0, slot: -1 };
    this.schedule(task, delayMs);
    return task;
  }

  /** Keeps the process alive until the returned function is called. */
  hold(): () => void {
    let held = true;
    if (this.#holders++ === 0) this.#timer?.keepAlive(true);
    return () => {
      if (!held) return;
      held = false;
      if (--this.#holders === 0) this.#timer?.keepAlive(false);
    };
  }

  /** Drops every task; nothing can be armed afterwards. */
  stop(): void {
    this.#stopped = true;
    for (const task of this.#heap) task.slot = -1;
    this.#heap.length = 0;
    this.#arm();
  }

  #arm(): void {
    const first = this.#heap[0];
    const dueAt = first === undefined ? Number.POSITIVE_INFINITY : first.dueAt;
    if (dueAt === this.#armedFor) return;
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#armedFor = dueAt;
    if (first === undefined) return;
    const delay = Math.ceil(dueAt - this.clock.monotonic());
    this.#timer = this.clock.setTimer(() => this.#fire(), Math.min(longestTimerMs, Math.max(0, delay)));
    if (this.#holders > 0) this.#timer.keepAlive(true);
  }

  #fire(): void {
    this.#timer = undefined;
    this.#armedFor = Number.POSITIVE_INFINITY;
    const now = this.clock.monotonic();
    let first = this.#heap[0];
    while (first !== undefined && first.dueAt <= now) {
      this.#remove(first);
      this.#run(first);
      first = this.#heap[0];
    }
    this.#arm();
  }

  #run(task: Task): void {
    try {
      task.run();
    } catch (error) {
      this.#onError?.(error);
    }
  }

  #remove(task: Task): boolean {
    const { slot } = task;
    if (slot < 0) return false;
    task.slot = -1;
    const last = this.#heap.pop();
    if (last !== undefined && last !== task) {
      this.#place(last, slot);
      this.#rise(last);
      this.#sink(last);
    }
    return true;
  }

  #rise(task: Task): void {
    let parentSlot = (task.slot - 1) >> 1;
    let parent = this.#heap[parentSlot];
    while (task.slot > 0 && parent !== undefined && parent.dueAt > task.dueAt) {
      this.#place(parent, task.slot);
      this.#place(task, parentSlot);
      parentSlot = (task.slot - 1) >> 1;
      parent = this.#heap[parentSlot];
    }
  }

  #sink(task: Task): void {
    for (;;) {
      const left = this.#heap[2 * task.slot + 1];
      const right = this.#heap[2 * task.slot + 2];
      const child = right !== undefined && left !== undefined && right.dueAt < left.dueAt ? right : left;
      if (child === undefined || child.dueAt >= task.dueAt) return;
      const { slot } = child;
      this.#place(child, task.slot);
      this.#place(task, slot);
    }
  }

  #place(task: Task, slot: number): void {
    this.#heap[slot] = task;
    task.slot = slot;
  }
}
