import type { Scheduler, Task } from "./scheduler.ts";

const beatMs = 15_000;
const toleranceMs = 30_000;
/** A larger difference is a step: a time service adjusts the clock by less than 10 ms per beat. */
const stepMs = 1_000;

/** The callbacks of a heartbeat. */
interface HeartbeatListener {
  /** Called after the process was suspended, or the wall clock was set by more than 30 s: all due times are outdated. */
  onWake(): void;
  /** Called after the wall clock was set by 1 to 30 s: the monotonic times of wall times have changed. */
  onStep(): void;
}

/** Compares the progress of both clocks every 15 s. */
export class Heartbeat implements Task {
  dueAt = 0;
  slot = -1;
  readonly #scheduler: Scheduler;
  readonly #listener: HeartbeatListener;
  #wall = 0;
  #monotonic = 0;

  constructor(scheduler: Scheduler, listener: HeartbeatListener) {
    this.#scheduler = scheduler;
    this.#listener = listener;
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
    const step = Math.abs(wallPassed - passed);
    this.start();
    if (late || step > toleranceMs) this.#listener.onWake();
    else if (step > stepMs) this.#listener.onStep();
  }
}
