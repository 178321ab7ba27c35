import type { Scheduler, Task } from "./scheduler.ts";

const beatMs = 15_000;
const toleranceMs = 30_000;
/** A time service slews by less than 10 ms a beat; what is more was a step. */
const stepMs = 1_000;

/** What a heartbeat notices. */
interface HeartbeatListener {
  /** The process slept, or the wall clock was set by much: every due time has become meaningless. */
  onWake(): void;
  /** The wall clock was set by a little: what ends at a wall time ends at another monotonic one. */
  onStep(): void;
}

/** Compares the progress of both clocks, again and again. */
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
