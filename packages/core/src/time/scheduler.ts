import type { Clock, Timer } from "./clock.ts";

/** A task with a due time. It contains its position in the queue, so that scheduling it again allocates nothing. */
export interface Task {
  /** Called once when due. An error is reported, and does not affect other tasks. */
  run(): void;
  /** The monotonic due time, which only the scheduler sets. */
  dueAt: number;
  /** The position in the queue, -1 if not scheduled, which only the scheduler sets. */
  slot: number;
}

/** The maximum delay of a timer in Node; a longer one would fire immediately. */
const longestTimerMs = 2 ** 31 - 1;

/** A queue of tasks with a single timer for a whole client. */
export class Scheduler {
  readonly clock: Clock;
  readonly random: () => number;
  /** A binary heap, earliest first. */
  readonly #heap: Task[] = [];
  #timer: Timer | undefined;
  #armedFor = Number.POSITIVE_INFINITY;
  #holders = 0;
  #stopped = false;
  #stamps = 0;
  readonly #onError: ((error: unknown) => void) | undefined;

  /** @param onError called with the error of a task */
  constructor(clock: Clock, random: () => number, onError?: (error: unknown) => void) {
    this.clock = clock;
    this.random = random;
    this.#onError = onError;
  }

  /** Returns a number greater than all before it, which orders events independently of the clocks. */
  stamp(): number {
    this.#stamps += 1;
    return this.#stamps;
  }

  /** Schedules a task, or changes its due time. Never runs it within this call. */
  schedule(task: Task, delayMs: number): void {
    if (this.#stopped) return;
    this.#remove(task);
    // NaN, which a text would become, too, would make the task due for ever, and break the order of the heap.
    task.dueAt = this.clock.monotonic() + Math.max(0, Number(delayMs) || 0);
    this.#place(task, this.#heap.length);
    this.#rise(task);
    this.#arm();
  }

  /** Makes a task due earlier, never later. */
  hasten(task: Task, delayMs: number): void {
    if (task.slot < 0 || task.dueAt > this.clock.monotonic() + delayMs) this.schedule(task, delayMs);
  }

  cancel(task: Task): void {
    if (this.#remove(task)) this.#arm();
  }

  /** Schedules a callback once. */
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

  /** Removes all tasks; none can be scheduled afterwards. */
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
