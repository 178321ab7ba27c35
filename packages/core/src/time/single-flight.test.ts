import { describe, expect, test } from "vitest";
import { Flight, type FlightMode } from "./single-flight.ts";

/** A flight whose runs end when the test says so. */
class ManualFlight extends Flight<number> {
  readonly runs: { mode: FlightMode; urgent: boolean; end(result: number): void }[] = [];

  start(mode: FlightMode, urgent = false): Promise<number> {
    return this.fly(mode, urgent);
  }

  async endAll(): Promise<void> {
    for (const [index, run] of this.runs.entries()) {
      run.end(index + 1);
      for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
    }
  }

  protected begin(mode: FlightMode, urgent: boolean): Promise<number> {
    const { promise, resolve } = Promise.withResolvers<number>();
    this.runs.push({ mode, urgent, end: resolve });
    return promise;
  }
}

describe("a flight", () => {
  test("is shared by all who join it", async () => {
    const flight = new ManualFlight();
    const all = [flight.start("join"), flight.start("join"), flight.start("join")];
    await flight.endAll();
    expect([await Promise.all(all), flight.runs.length]).toEqual([[1, 1, 1], 1]);
  });

  test("has at most one behind it, for all who demand a later one", async () => {
    const flight = new ManualFlight();
    const all = [flight.start("join"), flight.start("after"), flight.start("after"), flight.start("join")];
    await flight.endAll();
    expect([await Promise.all(all), flight.runs.length]).toEqual([[1, 2, 2, 1], 2]);
  });

  test("behind is urgent if any of its callers is", async () => {
    const flight = new ManualFlight();
    void flight.start("join");
    void flight.start("after", true);
    void flight.start("after", false);
    await flight.endAll();
    expect(flight.runs.map(({ mode, urgent }) => [mode, urgent])).toEqual([
      ["join", false],
      ["after", true],
    ]);
  });

  test("is not urgent because an earlier one was", async () => {
    const flight = new ManualFlight();
    void flight.start("join");
    void flight.start("after", true);
    await flight.endAll();
    void flight.start("join");
    expect(flight.runs.at(-1)?.urgent).toBe(false);
  });

  test("that somebody begins at the end of one does not stand for one that was demanded after it", async () => {
    const flight = new ManualFlight();
    const joined = flight.start("join").then(() => flight.start("join"));
    const after = flight.start("after", true);
    await flight.endAll();
    await joined;
    await flight.endAll();
    await after;
    expect(flight.runs.map(({ mode, urgent }) => [mode, urgent])).toContainEqual(["after", true]);
  });
});
