import type { IncomingMessage } from "node:http";
import { pipeline, type Readable } from "node:stream";
import type { HttpCall } from "./call.ts";
import { malformedFailure, type RequestLabel, timeoutFailure, tooLargeFailure } from "./failure.ts";
import { networkFailure } from "./network-failure.ts";

/** How a body is to be read. */
export interface BodyReading {
  readonly label: RequestLabel;
  readonly idleTimeoutMs: number;
}

/**
 * The chunks of a body, decompressed. No compression is ever asked for; a middlebox that compresses all the same is
 * understood. The time that the consumer takes between two chunks counts as no silence of the server.
 */
export async function* bodyChunks(
  message: IncomingMessage,
  call: HttpCall,
  reading: BodyReading,
): AsyncGenerator<Buffer> {
  const { label, idleTimeoutMs } = reading;
  const body = decompressed(message, label);
  call.hold(() => body.destroy());
  const chunks = (body as AsyncIterable<Buffer>)[Symbol.asyncIterator]();
  try {
    for (;;) {
      call.within("silence", idleTimeoutMs, () => timeoutFailure(label, `sent nothing for ${idleTimeoutMs} ms`));
      const { done, value } = await chunks.next();
      call.met("silence");
      if (call.outcome !== undefined) throw call.outcome.error;
      if (done === true) return;
      yield value;
    }
  } catch (error) {
    throw call.failure(error, (cause) => networkFailure(label, cause));
  } finally {
    call.met("silence");
    body.destroy();
  }
}

/** Reads a whole body of at most `maxBytes`, counted after decompression. */
export async function wholeBody(chunks: AsyncIterable<Buffer>, label: RequestLabel, maxBytes: number): Promise<Buffer> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const chunk of chunks) {
    size += chunk.length;
    if (size > maxBytes) throw tooLargeFailure(label, "a body", maxBytes);
    parts.push(chunk);
  }
  return Buffer.concat(parts, size);
}

/** The lines of a body as text, without their ends; a last line needs none. Empty lines are lines. */
export async function* bodyLines(
  chunks: AsyncIterable<Buffer>,
  label: RequestLabel,
  maxBytes: number,
): AsyncGenerator<string> {
  const pending: Buffer[] = [];
  let size = 0;
  const take = (part: Buffer): void => {
    size += part.length;
    if (size > maxBytes) throw tooLargeFailure(label, "a line", maxBytes);
    pending.push(part);
  };
  const line = (): string => {
    const bytes = Buffer.concat(pending.splice(0), size);
    size = 0;
    return decoded(bytes.at(-1) === carriageReturn ? bytes.subarray(0, -1) : bytes, label);
  };
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(lineFeed); end !== -1; end = chunk.indexOf(lineFeed, start)) {
      take(chunk.subarray(start, end));
      yield line();
      start = end + 1;
    }
    if (start < chunk.length) take(chunk.subarray(start));
  }
  if (size > 0) yield line();
}

/** @throws {SecretError} INTERNAL `malformed-answer` */
export function decoded(bytes: Uint8Array, label: RequestLabel): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw malformedFailure(label, "text that is not UTF-8");
  }
}

const lineFeed = 10;
const carriageReturn = 13;

/** Other codings, such as the `base64` that one store invented, stay as they are, with their header. */
function decompressed(message: IncomingMessage, { method }: RequestLabel): Readable {
  const { statusCode, headers } = message;
  // Where there is no body, a header may still say how it would be coded; no decoder takes nothing for an answer.
  if (method === "HEAD" || statusCode === 204 || statusCode === 304 || headers["content-length"] === "0")
    return message;
  const decoder = decoders.get(headers["content-encoding"]?.toLowerCase() ?? "");
  // pipeline hands each error on to the decoder, where the reader sees it.
  return decoder === undefined ? message : pipeline(message, decoder(), () => undefined);
}

/** zlib loads with the first body that is compressed, which hardly any is. */
const decoders: ReadonlyMap<string, () => NodeJS.ReadWriteStream & Readable> = new Map([
  ["gzip", () => process.getBuiltinModule("node:zlib").createGunzip()],
  ["x-gzip", () => process.getBuiltinModule("node:zlib").createGunzip()],
  ["deflate", () => process.getBuiltinModule("node:zlib").createInflate()],
  ["br", () => process.getBuiltinModule("node:zlib").createBrotliDecompress()],
]);
