import { afterEach, beforeEach, expect, test } from "vitest";
import { createRedactor, type Redactor } from "../redactor.ts";
import { installProcessGuards } from "./process-guards.ts";

const value = "s3cret-fixture-4f9a1c\n";
const other = "an0ther-fixture-77ab\n";

let written: unknown[] = [];
const { write } = process.stdout;
const capture: typeof write = (chunk: unknown) => {
  written.push(chunk);
  return false;
};

beforeEach(() => {
  written = [];
  process.stdout.write = capture;
});
afterEach(() => {
  expect(process.stdout.write).toBe(capture);
  process.stdout.write = write;
});

function redactorOf(text: string, name: string): Redactor {
  const redactor = createRedactor();
  redactor.register(text.trim(), { name });
  return redactor;
}

function guards(redactor: Redactor): () => void {
  return installProcessGuards({ redactor, warnings: false });
}

function output(...chunks: readonly string[]): unknown {
  written = [];
  for (const chunk of chunks) process.stdout.write(chunk);
  return written.join("");
}

test("stay until the last of several installs is removed, in whatever order, and each removal counts once", () => {
  const redactor = redactorOf(value, "db");
  const [first, second, third] = [guards(redactor), guards(redactor), guards(redactor)];
  second();
  second();
  expect(output(value)).toBe("[REDACTED:db]\n");
  first();
  expect(output(value)).toBe("[REDACTED:db]\n");
  third();
  expect(output(value)).toBe(value);
});

test("can be installed again", () => {
  const redactor = redactorOf(value, "db");
  guards(redactor)();
  const remove = guards(redactor);
  expect(output(value)).toBe("[REDACTED:db]\n");
  remove();
});

test("mask for every redactor that has them installed", () => {
  const removeFirst = guards(redactorOf(value, "db"));
  const removeSecond = guards(redactorOf(other, "other"));
  expect(output(value, other)).toBe("[REDACTED:db]\n[REDACTED:other]\n");
  removeFirst();
  expect(output(value, other)).toBe(`${value}[REDACTED:other]\n`);
  removeSecond();
});

test("leave a later patch in place when they are removed first", () => {
  const remove = guards(redactorOf(value, "db"));
  const guarded = process.stdout.write;
  const later: typeof write = (chunk: unknown) => guarded.call(process.stdout, `> ${String(chunk)}`);
  process.stdout.write = later;
  expect(output(value)).toBe("> [REDACTED:db]\n");
  remove();
  expect(process.stdout.write).toBe(later);
  expect(output(value)).toBe(`> ${value}`);
  const again = guards(redactorOf(value, "db"));
  expect(output(value)).toBe("> [REDACTED:db]\n");
  again();
  expect(process.stdout.write).toBe(later);
  process.stdout.write = capture;
});

test("give back what the stream returns, and pass on what is not text", () => {
  const remove = guards(redactorOf(value, "db"));
  const bytes = Uint8Array.from([0xff, 0x00, 0xc3]);
  expect(process.stdout.write(bytes)).toBe(false);
  expect(written[0]).toBe(bytes);
  remove();
});

test("can be installed partly", () => {
  const redactor = redactorOf(value, "db");
  const monitors = process.listenerCount("uncaughtExceptionMonitor");
  const crashesOnly = installProcessGuards({ redactor, streams: false, warnings: false });
  expect(output(value)).toBe(value);
  expect(process.listenerCount("uncaughtExceptionMonitor")).toBe(monitors + 1);
  expect(process.report.excludeEnv).toBe(true);
  crashesOnly();
  const streamsOnly = installProcessGuards({ redactor, crashes: false, warnings: false });
  expect(output(value)).toBe("[REDACTED:db]\n");
  expect(process.listenerCount("uncaughtExceptionMonitor")).toBe(monitors);
  expect(process.report.excludeEnv).toBe(false);
  streamsOnly();
});

test("write a fixed line when a redactor fails", () => {
  const failing: Redactor = {
    ...redactorOf(value, "db"),
    redact() {
      throw new Error(value);
    },
  };
  const remove = guards(failing);
  expect(output(value)).toBe("[REDACTED: could not be checked]\n");
  remove();
});

test("hold the beginning of a value until its line goes on", () => {
  const remove = guards(redactorOf(value, "db"));
  expect(output("the value: s3cret-fix")).toBe("the value: ");
  expect(output("ture-4f9a1c; ")).toBe("[REDACTED:db]; ");
  expect(output("more", "\n")).toBe("more\n");
  expect(output("s3cret-fix", value)).toBe(`s3cret-fix${"[REDACTED:db]"}\n`);
  remove();
});

test("write held text before output that is not text, when they are flushed and when they are removed", () => {
  const remove = guards(redactorOf(value, "db"));
  const bytes = Uint8Array.from([0xff]);
  process.stdout.write("s3");
  process.stdout.write(bytes);
  process.stdout.write("s3");
  process.stdout.write("");
  process.stdout.write("s3");
  remove();
  expect(written).toEqual(["s3", bytes, "s3", "", "s3"]);
});

test("mask across writes for every redactor", () => {
  const removers = [guards(redactorOf(value, "db")), guards(redactorOf(other, "other"))];
  expect(output("s3cret-fixture-", "4f9a1c an0ther-", "fixture-77ab\n")).toBe("[REDACTED:db] [REDACTED:other]\n");
  for (const remove of removers) remove();
});

test("pass the name of the output to the redactor", () => {
  const sinks: string[] = [];
  const redactor = createRedactor({ onLeak: ({ sink }) => void sinks.push(sink) });
  redactor.register(value.trim(), { name: "db" });
  const remove = guards(redactor);
  output(value);
  remove();
  expect(sinks).toEqual(["stdout"]);
});
