import { execFile } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { describe, expect, test } from "vitest";
import { throughTransform } from "../../../test/redact/split-text.ts";
import { manualClock } from "../../testing/manual-clock.ts";
import { createRedactor } from "../redactor.ts";
import type { HeldText } from "./held-text.ts";
import { redactingTransform } from "./redacting-stream.ts";

const value = "s3cret-fixture-4f9a1c";

function exitOf(...args: readonly string[]): Promise<{ code: unknown; stdout: string }> {
  const program = join(import.meta.dirname, "../../../test/redact/stream-process.ts");
  return new Promise((resolve) => {
    execFile(process.execPath, ["--conditions=@tacit/source", program, ...args], (error, stdout) =>
      resolve({ code: error?.code, stdout }),
    );
  });
}

describe("a process that exits", () => {
  test.each([
    ["writable", "8", "connecting with [REDACTED:db]"],
    ["writable", "4", "connecting with s3cr"],
    ["writable", "21", "connecting with [REDACTED:db]"],
    ["transform", "8", "connecting with [REDACTED:db]"],
    ["transform", "21", "connecting with [REDACTED:db]"],
  ])("loses nothing that a %s held of %s characters", async (kind, part, stdout) => {
    expect(await exitOf(kind, part)).toEqual({ code: 3, stdout });
  });
});

describe("a stream", () => {
  test("has no listener of its process but while it holds something", () => {
    const clock = manualClock();
    const redactor = createRedactor({ clock });
    redactor.register(value, { name: "db" });
    const listeners = process.listenerCount("exit");
    const streams = Array.from({ length: 20 }, () => redactor.transform());
    expect(process.listenerCount("exit")).toBe(listeners);
    for (const stream of streams) stream.write("s3cret-fix");
    expect(process.listenerCount("exit")).toBe(listeners + 1);
    for (const stream of streams) stream.write(" and more\n");
    expect(process.listenerCount("exit")).toBe(listeners);
    expect(clock.armed).toBe(0);
  });

  test("sends a fixed line for what cannot be checked, and goes on", async () => {
    let fails = true;
    const finder = {
      find() {
        if (fails) throw new Error(value);
        return [];
      },
    };
    const unfinished = { mostHeld: 1_000, startIn: (text: string) => text.length, valueAt: () => undefined };
    const masking = {
      finder,
      unfinished,
      marker: () => "",
      report: () => undefined,
    } as unknown as ConstructorParameters<typeof HeldText>[0];
    const stream = redactingTransform({ masking, clock: manualClock(), holdMs: 100 });
    stream.setEncoding("utf8");
    stream.write(`a ${value}\n`);
    fails = false;
    stream.end("b\n");
    const chunks: string[] = [];
    stream.on("data", (chunk: string) => chunks.push(chunk));
    await once(stream, "end");
    expect(chunks.join("")).toBe("[REDACTED: could not be checked]\nb\n");
  });

  test("waits for its destination, and does not end it", async () => {
    const redactor = createRedactor();
    redactor.register(value, { name: "db" });
    const destination = new PassThrough({ highWaterMark: 64 });
    const stream = redactor.writable(destination);
    const line = `${"x".repeat(50)} ${value}\n`;
    const written = Array.from(
      { length: 20 },
      () => new Promise<void>((resolve) => stream.write(line, () => resolve())),
    );
    let text = "";
    destination.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
    });
    await Promise.all(written);
    stream.end();
    await once(stream, "finish");
    expect(text).toBe(`${"x".repeat(50)} [REDACTED:db]\n`.repeat(20));
    expect(destination.writableEnded).toBe(false);
  });

  test("does not hang when its destination closes", async () => {
    const redactor = createRedactor();
    redactor.register(value, { name: "db" });
    const destination = new PassThrough({ highWaterMark: 1 });
    const stream = redactor.writable(destination);
    const written = new Promise<void>((resolve) => stream.write("a line\n", () => resolve()));
    destination.destroy();
    await written;
    stream.end("another\n");
    await once(stream, "finish");
  });
});

describe("a character of two units", () => {
  const redactor = createRedactor({ clock: manualClock() });
  // The end of one character, from which a text was cut.
  redactor.register("\udc00bc-s3cret-fixture", { name: "cut" });

  test.each([
    ["whose second one begins a value", ["a \u{10000}bc", "d"]],
    ["whose second one begins a value, held at the end", ["a \u{10000}b"]],
    ["that is cut between two chunks", ["a \ud800", "\udc00 b"]],
    ["that is cut between two chunks in a value", ["a \u{10000}bc-s3\ud800", "\udc00 b"]],
  ])("%s goes out whole", async (_title, chunks) => {
    expect(await throughTransform(redactor, chunks)).toBe(chunks.join(""));
  });
});
