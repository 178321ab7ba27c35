import type { Scheduler, Task } from "./scheduler.ts";

const beatMs = 15_000;
const toleranceMs = 30_000;

/** Notices that the process slept or that the wall clock was set: both make every due time meaningless. */
export class Heartbeat implements Task {
  dueAt = 0;
  slot = -1;
  readonly #scheduler: Scheduler;
  readonly #onWake: () => void;
  #wall = 0;
  #monotonic = 0;

  constructor(scheduler: Scheduler, onWake: () => void) {
    this.#scheduler = scheduler;
    this.#onWake = onWake;
  }

  start(): void {
    this.#wall = this.#scheduler.clock.now();
    this.#monotonic = this.#scheduler.clock.monotonic();
    this.#scheduler.schedule(this, beatMs);
  }

  run(): void {
    const { clock } = this.#scheduler;
    const wallPassed = clock.now() - this.#wall;
    const passed = clock.monotonic() - this.#monotonic;
    const late = passed - beatMs > toleranceMs;
    this.start();
    if (late || Math.abs(wallPassed - passed) > toleranceMs) this.#onWake();
  }
}
