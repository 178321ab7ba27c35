/** A text or byte sequence in a value, and its place. */
export interface Leaf {
  /** The member of the outermost object that contains it. */
  readonly member: string | undefined;
  /** The name of the member that is the leaf or the list with the leaf. */
  readonly key: string | undefined;
  readonly leaf: string | Uint8Array;
  /** Whether it is the text of a number; most of these are not secret. */
  readonly isNumber: boolean;
}

const maxDepth = 100;
/** A key that is a token, and so is a secret too, as in a map of API keys to clients. */
const tokenKey = /^(?=.*\d)(?=.*[A-Za-z])[\w.~+/=-]{16,512}$/;
/** The members that an error prints although they are not enumerable; its stack begins with the message. */
const ofErrors = ["message", "cause", "errors"];
/** Words and small numbers with separators, as in names. */
const words = /^(?:[A-Za-z]+|\d{1,4})(?:[-._/](?:[A-Za-z]+|\d{1,4}))*$/;

/**
 * Returns every string, number and byte sequence in a value: in arrays, objects, Map, Set, URL, errors and buffers, to a depth
 * of 100, and the keys that look like tokens. Content that an object hides from everybody, such as a KeyObject or private
 * fields, is not included.
 */
export function* leavesOf(value: unknown): Generator<Leaf> {
  yield* leavesWithin(value, { member: undefined, key: undefined }, new Set(), 0);
}

function* leavesWithin(
  value: unknown,
  place: Pick<Leaf, "member" | "key">,
  seen: Set<object>,
  depth: number,
): Generator<Leaf> {
  if (typeof value === "string") yield { ...place, leaf: value, isNumber: false };
  else if (typeof value === "number" || typeof value === "bigint")
    yield { ...place, leaf: String(value), isNumber: true };
  if (typeof value !== "object" || value === null || depth > maxDepth || seen.has(value)) return;
  seen.add(value);
  const bytes = bytesOf(value);
  if (bytes !== undefined) return yield { ...place, leaf: bytes, isNumber: false };
  if (value instanceof URL) yield { ...place, leaf: value.href, isNumber: false };
  const isList = Array.isArray(value) || value instanceof Set;
  for (const [key, content] of entriesOf(value)) {
    const inner = isList ? place : { member: place.member ?? key, key };
    if (!isList && tokenKey.test(key) && !words.test(key)) yield { ...inner, leaf: key, isNumber: false };
    yield* leavesWithin(content, inner, seen, depth + 1);
  }
}

function entriesOf(value: object): Iterable<readonly [string, unknown]> {
  if (value instanceof Set) return Array.from(value, (content) => ["", content] as const);
  if (value instanceof Map) return Array.from(value, ([key, content]) => [String(key), content] as const);
  const keys = value instanceof Error ? [...Object.keys(value), ...ofErrors] : Object.keys(value);
  return keys.map((key) => [key, read(value, key)] as const);
}

/** Reads a member. A getter that throws has nothing to print. */
function read(holder: object, key: string): unknown {
  try {
    return (holder as Record<string, unknown>)[key];
  } catch {
    return undefined;
  }
}

function bytesOf(value: object): Uint8Array | undefined {
  if (value instanceof Uint8Array) return value;
  if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  return value instanceof ArrayBuffer || value instanceof SharedArrayBuffer ? new Uint8Array(value) : undefined;
}
