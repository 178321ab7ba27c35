import type { Clock } from "../time/clock.ts";
import type { EncodingName } from "./engine/encodings.ts";
import type { Range } from "./engine/range.ts";

/** A value that was about to leave the process. */
export interface Leak {
  /** The name under which it is registered. */
  readonly name: string;
  /** The output: `pino`, `stdout`, or the `sink` of the call of `redact`. */
  readonly sink: string;
  /** How the value was printed. */
  readonly encoding: EncodingName;
  /** The number of occurrences since the last report of the same three; at least 1. */
  readonly count: number;
}

const intervalMs = 60_000;
const mostKinds = 1_000;

/** Reports leaks, at most once a minute for each name, sink and encoding. */
export class LeakReports {
  readonly #onLeak: ((leak: Leak) => void) | undefined;
  readonly #clock: Clock;
  /** Name, sink and encoding -> the time of the last report and the number of leaks since. */
  readonly #kinds = new Map<string, { toldAt: number; untold: number }>();

  constructor(onLeak: ((leak: Leak) => void) | undefined, clock: Clock) {
    this.#onLeak = onLeak;
    this.#clock = clock;
  }

  report(ranges: readonly Range[], sink: string): void {
    if (this.#onLeak === undefined) return;
    for (const { pattern, encoding } of ranges) {
      const [name = ""] = pattern.names.keys();
      this.#reportOne(name, sink, encoding);
    }
  }

  #reportOne(name: string, sink: string, encoding: EncodingName): void {
    const key = JSON.stringify([name, sink, encoding]);
    const now = this.#clock.monotonic();
    const kind = this.#kinds.get(key) ?? { toldAt: Number.NEGATIVE_INFINITY, untold: 0 };
    kind.untold++;
    if (this.#kinds.size >= mostKinds && !this.#kinds.has(key)) this.#kinds.clear();
    this.#kinds.set(key, kind);
    if (now - kind.toldAt < intervalMs) return;
    const count = kind.untold;
    kind.toldAt = now;
    kind.untold = 0;
    try {
      this.#onLeak?.({ name, sink, encoding, count });
    } catch {
      // A failing listener must not affect the output.
    }
  }
}
