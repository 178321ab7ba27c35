import { describe, expect, test } from "vitest";
import { type FlightMode, SingleFlight } from "./single-flight.ts";

/** A flight whose runs end when the test says so; each call settles with the number of its run. */
class ManualFlight {
  readonly runs: { mode: FlightMode; urgent: boolean; end(error?: Error): void }[] = [];
  readonly #flight: SingleFlight = new SingleFlight(this);
  #ended = 0;

  async start(mode: FlightMode, urgent = false): Promise<number> {
    await this.#flight.run(mode, urgent);
    return this.#ended;
  }

  async endAll(): Promise<void> {
    for (const run of this.runs) {
      run.end();
      for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
    }
  }

  async runOnce(mode: FlightMode, urgent: boolean): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const end = (error?: Error): void => {
      this.#ended += 1;
      if (error === undefined) resolve();
      else reject(error);
    };
    this.runs.push({ mode, urgent, end });
    await promise;
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

  test.each([
    [["hinted", "after"], "after"],
    [["after", "hinted"], "after"],
    [["replace", "after", "hinted"], "replace"],
    [["hinted", "join"], "hinted"],
  ] as const)("behind, which %j demand, is %s", async (demanded, expected) => {
    const flight = new ManualFlight();
    void flight.start("cached");
    for (const mode of demanded) void flight.start(mode);
    await flight.endAll();
    void flight.start("join");
    void flight.start("hinted");
    await flight.endAll();
    expect(flight.runs.map(({ mode }) => mode)).toEqual(["cached", expected, "join", "hinted"]);
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

  test("ends also when a run fails, and the next one begins", async () => {
    const flight = new ManualFlight();
    const first = flight.start("join");
    const second = flight.start("after");
    flight.runs[0]?.end(new Error("broken"));
    await expect(first).rejects.toThrow("broken");
    expect(flight.runs).toHaveLength(2);
    flight.runs[1]?.end();
    await second;
    void flight.start("join");
    expect(flight.runs).toHaveLength(3);
  });
});
