import type { IncomingMessage } from "node:http";
import { pipeline, type Readable } from "node:stream";
import type { HttpCall } from "./call.ts";
import { malformedFailure, type RequestLabel, timeoutFailure, tooLargeFailure } from "./failure.ts";
import { networkFailure } from "./network-failure.ts";

/** The settings for reading a body. */
export interface BodyReading {
  readonly label: RequestLabel;
  readonly idleTimeoutMs: number;
}

/**
 * Yields the decompressed chunks of a body. Requests ask for no compression, but a proxy may compress anyway. The idle
 * timeout runs only while the next chunk is awaited, not while the consumer handles one.
 * @throws {SecretError} UNAVAILABLE, or INTERNAL `malformed-answer` for an invalid encoding; what stopped the call
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

/** Reads a whole body of at most `maxBytes`, counted after decompression. @throws {SecretError} INTERNAL `answer-too-large` */
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

/** Yields the lines of a body without LF or CRLF, including empty ones. The last line needs no line end. @throws {SecretError} INTERNAL */
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

/** Decodes UTF-8. @throws {SecretError} INTERNAL `malformed-answer` */
export function decoded(bytes: Uint8Array, label: RequestLabel): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw malformedFailure(label, "text that is not UTF-8");
  }
}

const lineFeed = 10;
const carriageReturn = 13;

/** Returns the body without its content coding. An unknown one, such as the non-standard `base64` of one store, is left to the adapter. */
function decompressed(message: IncomingMessage, { method }: RequestLabel): Readable {
  const { statusCode, headers } = message;
  // A response without a body may still have a Content-Encoding header; a decoder would fail on the empty input.
  if (method === "HEAD" || statusCode === 204 || statusCode === 304 || headers["content-length"] === "0")
    return message;
  const decoder = decoders.get(headers["content-encoding"]?.toLowerCase() ?? "");
  // pipeline forwards errors of the message to the decoder, from which the body is read.
  return decoder === undefined ? message : pipeline(message, decoder(), () => undefined);
}

/** content coding -> decoder; zlib is loaded with the first compressed body, since there are hardly any */
const decoders: ReadonlyMap<string, () => NodeJS.ReadWriteStream & Readable> = new Map([
  ["gzip", () => process.getBuiltinModule("node:zlib").createGunzip()],
  ["x-gzip", () => process.getBuiltinModule("node:zlib").createGunzip()],
  ["deflate", () => process.getBuiltinModule("node:zlib").createInflate()],
  ["br", () => process.getBuiltinModule("node:zlib").createBrotliDecompress()],
]);
