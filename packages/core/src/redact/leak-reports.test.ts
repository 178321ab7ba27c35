import { describe, expect, test } from "vitest";
import { manualClock } from "../testing/manual-clock.ts";
import type { Leak } from "./leak-reports.ts";
import { createRedactor, type Redactor } from "./redactor.ts";

const value = "s3cret-fixture-0001";

function watched(onLeak: (leak: Leak) => void): { redactor: Redactor; clock: ReturnType<typeof manualClock> } {
  const clock = manualClock();
  const redactor = createRedactor({ onLeak, clock });
  redactor.register(value, { name: "db" });
  return { redactor, clock };
}

describe("onLeak", () => {
  test("is told the name, the sink and the encoding, never the text", () => {
    const leaks: Leak[] = [];
    const { redactor } = watched((leak) => void leaks.push(leak));
    redactor.redact(`a ${value}`, "audit log");
    redactor.redactJson(JSON.stringify({ a: Buffer.from(value).toString("base64") }), "pino");
    redactor.redact(Buffer.from(value).toString("hex"));
    expect(leaks).toEqual([
      { name: "db", sink: "audit log", encoding: "raw", count: 1 },
      { name: "db", sink: "pino", encoding: "base64", count: 1 },
      { name: "db", sink: "text", encoding: "hex", count: 1 },
    ]);
  });

  test("is told at most once a minute of one kind, and then how many there were", () => {
    const leaks: Leak[] = [];
    const { redactor, clock } = watched((leak) => void leaks.push(leak));
    for (let line = 0; line < 5; line++) redactor.redact(value, "pino");
    redactor.redact(value, "stdout");
    expect(leaks.map(({ sink, count }) => [sink, count])).toEqual([
      ["pino", 1],
      ["stdout", 1],
    ]);
    clock.suspend(59_000);
    redactor.redact(value, "pino");
    expect(leaks).toHaveLength(2);
    clock.suspend(1_000);
    redactor.redact(value, "pino");
    expect(leaks.at(-1)).toEqual({ name: "db", sink: "pino", encoding: "raw", count: 6 });
  });

  test("is not told of a clean text, nor of what only `find` has found", () => {
    const leaks: Leak[] = [];
    const { redactor } = watched((leak) => void leaks.push(leak));
    redactor.redact("clean");
    redactor.find(value);
    expect(leaks).toEqual([]);
  });

  test("may throw, and may redact itself", () => {
    const { redactor } = watched(() => {
      redactor.redact(value, "its own");
      throw new Error("listener");
    });
    expect(redactor.redact(`a ${value}`)).toBe("a [REDACTED:db]");
  });
});
