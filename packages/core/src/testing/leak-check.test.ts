import { PassThrough } from "node:stream";
import { inspect } from "node:util";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { leakCheck } from "./leak-check.ts";

const value = 's3cret "fixture" <&> \\ ä+/% 2026';
const { assertNoLeak } = leakCheck([value]);
const bytes = Buffer.from(value);
const html = value.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");

const leaks: Readonly<Record<string, unknown>> = {
  "as it is": `token=${value};`,
  "in JSON": JSON.stringify({ a: { b: value } }),
  "in JSON in JSON": JSON.stringify(JSON.stringify({ value })),
  "in base64": `Basic ${bytes.toString("base64")}`,
  "in base64 one byte off": Buffer.concat([Buffer.from("x"), bytes]).toString("base64"),
  "in base64 two bytes off": Buffer.concat([Buffer.from("xy"), bytes, Buffer.from("tail")]).toString("base64"),
  "in base64 lines": (bytes.toString("base64").match(/.{1,20}/g) ?? []).join("\r\n"),
  "in base64url": `eyJ.${bytes.toString("base64url")}.sig`,
  "in hex": `0x${bytes.toString("hex")}`,
  "in upper-case hex": bytes.toString("hex").toUpperCase(),
  "percent-encoded": `https://host/?q=${encodeURIComponent(value)}`,
  "as a form": new URLSearchParams({ q: value }).toString(),
  "in HTML": `<p>${html}</p>`,
  "as a Buffer printed": inspect(bytes),
  "as a list of numbers": JSON.stringify([...bytes]),
  "as a Uint8Array printed": JSON.stringify(new Uint8Array(bytes)),
  "in bytes": new Uint8Array(Buffer.from(`--${value}--`)),
  "in an error's message": new Error(`failed with ${value}`),
  "in an error's cause": new Error("failed", { cause: { deep: [new Map([["key", value]])] } }),
  "in a hidden member": Object.defineProperty({}, "secret", { value, enumerable: false }),
  "behind a symbol": { [Symbol("secret")]: value },
  "in a set": new Set([{ value }]),
};

describe("finds a value", () => {
  test.each(Object.entries(leaks))("%s", (_, sink) => {
    let message = "";
    try {
      assertNoLeak("clean", sink);
    } catch (error) {
      message = (error as Error).message;
    }
    expect(message).toBe("sink 2 of 2 holds secret value number 1");
  });

  test("in what a stream has buffered", () => {
    const stream = new PassThrough();
    stream.write(`log: ${value}\n`);
    expect(() => assertNoLeak(stream)).toThrow();
  });

  test("by a telling part of a long one", () => {
    const long = `${"k".repeat(10)}0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMN`;
    expect(() => leakCheck([long]).assertNoLeak(`cut: ${long.slice(0, 30)}`)).toThrow();
  });
});

describe("finds nothing", () => {
  test("in clean text, markers, cycles and streams", () => {
    const cycle: Record<string, unknown> = { note: "[REDACTED:db/primary]" };
    cycle.self = cycle;
    const stream = new PassThrough();
    stream.write("nothing here");
    expect(() => assertNoLeak("", 0, null, undefined, cycle, stream, new Error("no"), () => 1)).not.toThrow();
  });

  test("in random text that does not hold it", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 300 }), (text) => assertNoLeak(text)),
      { numRuns: 300 },
    );
  });
});
