import { isUtf8 } from "node:buffer";
import { Readable } from "node:stream";
import { inspect, types } from "node:util";

/** Everything that could be read off a sink: text and bytes as they are, of an object all that any printer could show. */
export function* sinkTexts(sink: unknown): Generator<string> {
  if (typeof sink === "string") yield sink;
  else if (isBytes(sink)) yield* bytesAsText(sink);
  else if (sink instanceof Readable) yield* bufferedIn(sink);
  else if (typeof sink === "object" && sink !== null) yield* objectTexts(sink);
  else if (typeof sink === "function") yield* objectTexts(sink);
  else yield String(sink);
}

function* objectTexts(sink: object): Generator<string> {
  if (Array.isArray(sink)) yield* joined(sink);
  yield* attempt(() => inspect(sink, { depth: 12, showHidden: true, maxArrayLength: null, maxStringLength: null }));
  yield* attempt(() => JSON.stringify(sink) ?? "");
  yield* attempt(() => String(sink));
  yield* leaves(sink, new Set());
}

/** What a destination was given piece by piece: a value may lie across two of them. */
function* joined(pieces: readonly unknown[]): Generator<string> {
  if (pieces.every((piece) => typeof piece === "string")) yield pieces.join("");
  else if (pieces.every((piece) => typeof piece === "string" || piece instanceof Uint8Array)) {
    yield* bytesAsText(Buffer.concat(pieces.map((piece) => Buffer.from(piece))));
  }
}

/** Text in members that no printer shows: not enumerable, symbols, behind getters, in maps and sets. */
function* leaves(value: unknown, seen: Set<unknown>): Generator<string> {
  if (typeof value === "string") yield value;
  else if (isBytes(value)) yield* bytesAsText(value);
  else if ((typeof value === "object" && value !== null) || typeof value === "function") {
    if (seen.has(value) || seen.size > mostObjects) return;
    seen.add(value);
    for (const member of membersOf(value)) yield* leaves(member, seen);
  }
}

const mostObjects = 20_000;

function membersOf(value: object): readonly unknown[] {
  const members: unknown[] = [];
  if (value instanceof Map) members.push(...value.keys(), ...value.values());
  if (value instanceof Set) members.push(...value);
  for (const key of Reflect.ownKeys(value)) {
    members.push(key.toString());
    try {
      members.push(Reflect.get(value, key));
    } catch {
      // What throws shows nothing.
    }
  }
  return members;
}

/** What a stream holds now; reading takes it out. */
function* bufferedIn(stream: Readable): Generator<string> {
  for (let chunk: unknown = stream.read(); chunk !== null; chunk = stream.read()) yield* sinkTexts(chunk);
}

type Bytes = ArrayBufferView | ArrayBuffer | SharedArrayBuffer;

function isBytes(value: unknown): value is Bytes {
  return ArrayBuffer.isView(value) || types.isAnyArrayBuffer(value);
}

/** Text may begin at an odd byte; what is no text may be a value all the same. */
function* bytesAsText(bytes: Bytes): Generator<string> {
  const buffer = ArrayBuffer.isView(bytes)
    ? Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    : Buffer.from(bytes);
  yield buffer.toString("utf8");
  if (!isUtf8(buffer)) yield buffer.toString("latin1");
  yield buffer.toString("utf16le");
}

function* attempt(print: () => string): Generator<string> {
  try {
    yield print();
  } catch {
    // A printer that fails shows nothing.
  }
}
