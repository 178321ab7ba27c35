import { once } from "node:events";
import { Writable } from "node:stream";
import type { Redactor, StreamOptions } from "../../src/redact/redactor.ts";

/** Cuts a text where told, into strings, or into bytes where a character may be cut too. */
export function split(text: string, cuts: readonly number[], as: "strings" | "bytes"): readonly (string | Buffer)[] {
  const whole = as === "strings" ? text : Buffer.from(text);
  const places = [...cuts.map((cut) => cut % (whole.length + 1)), 0, whole.length].sort((a, b) => a - b);
  return places.slice(1).map((end, index) => {
    const start = places[index] ?? 0;
    return typeof whole === "string" ? whole.slice(start, end) : whole.subarray(start, end);
  });
}

/** What comes out of `transform()` when these chunks go in. */
export async function throughTransform(
  redactor: Redactor,
  chunks: readonly (string | Buffer)[],
  options?: StreamOptions,
): Promise<string> {
  const stream = redactor.transform(options);
  const out: unknown[] = [];
  stream.on("data", (chunk) => out.push(chunk));
  for (const chunk of chunks) stream.write(chunk);
  stream.end();
  await once(stream, "end");
  return textOf(out);
}

/** What arrives at a destination behind `writable()`; the destination must still be open after. */
export async function throughWritable(redactor: Redactor, chunks: readonly (string | Buffer)[]): Promise<string> {
  const destination = collector();
  const stream = redactor.writable(destination);
  for (const chunk of chunks) stream.write(chunk);
  stream.end();
  await once(stream, "finish");
  if (destination.writableEnded) throw new Error("the destination was ended");
  return destination.text();
}

/** A destination that keeps what it is given. */
export function collector(): Writable & { text(): string } {
  const out: unknown[] = [];
  const stream = new Writable({
    decodeStrings: false,
    write(chunk, _encoding, done) {
      out.push(chunk);
      done();
    },
  });
  return Object.assign(stream, { text: () => textOf(out) });
}

/** Strings and bytes as one text; a character may be cut between two pieces, of bytes or of strings. */
function textOf(chunks: readonly unknown[]): string {
  if (chunks.every((chunk) => typeof chunk === "string")) return chunks.join("");
  return Buffer.concat(chunks.map((chunk) => (Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk))))).toString();
}
