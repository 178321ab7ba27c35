import { Readable } from "node:stream";
import { inspect } from "node:util";

/** Everything that could be read off a sink: text and bytes as they are, of an object all that any printer could show. */
export function* sinkTexts(sink: unknown): Generator<string> {
  if (typeof sink === "string") yield sink;
  else if (sink instanceof Uint8Array) yield* bytesAsText(sink);
  else if (sink instanceof Readable) yield* bufferedIn(sink);
  else if (typeof sink === "object" && sink !== null) yield* objectTexts(sink);
  else if (typeof sink === "function") yield* objectTexts(sink);
  else yield String(sink);
}

function* objectTexts(sink: object): Generator<string> {
  yield* attempt(() => inspect(sink, { depth: 12, showHidden: true, maxArrayLength: null, maxStringLength: null }));
  yield* attempt(() => JSON.stringify(sink) ?? "");
  yield* attempt(() => String(sink));
  yield* leaves(sink, new Set());
}

/** Text in members that no printer shows: not enumerable, symbols, behind getters, in maps and sets. */
function* leaves(value: unknown, seen: Set<unknown>): Generator<string> {
  if (typeof value === "string") yield value;
  else if (value instanceof Uint8Array) yield* bytesAsText(value);
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

function* bytesAsText(bytes: Uint8Array): Generator<string> {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  yield buffer.toString("utf8");
  yield buffer.toString("utf16le");
}

function* attempt(print: () => string): Generator<string> {
  try {
    yield print();
  } catch {
    // A printer that fails shows nothing.
  }
}
