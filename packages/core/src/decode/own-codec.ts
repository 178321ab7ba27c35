import { isBytes, payloadCopy } from "../contract/content.ts";
import { SecretError } from "../error/secret-error.ts";
import type { Codec, Decoded } from "./codec.ts";

const own: WeakSet<object> = new WeakSet();
/** codec of the application -> its wrapper, so that one decoder always means one view */
const guards: WeakMap<object, Codec<unknown>> = new WeakMap();

/** Marks a codec of this package, which never changes its input bytes. */
export function ownCodec<T>(codec: Codec<T>): Codec<T> {
  own.add(codec);
  return Object.freeze(codec);
}

/**
 * Returns a codec that is safe to call with the client's own bytes: an application's codec receives a copy, which it may change
 * or wipe.
 */
export function guardedCodec<T>(codec: Codec<T>): Codec<T> {
  if (own.has(codec)) return codec;
  let guard = guards.get(codec) as Codec<T> | undefined;
  if (guard === undefined) {
    guard = {
      kind: codec.kind,
      decode(content, context) {
        const decoded = codec.decode(payloadCopy(content), context);
        return isDecoded<T>(decoded) ? decoded : Promise.resolve(decoded).then(checked<T>);
      },
    };
    guards.set(codec, guard);
  }
  return guard;
}

/** Checks the shape of a result at run time, because an application's codec can return anything. */
function isDecoded<T>(decoded: unknown): decoded is Decoded<T> {
  if (typeof decoded !== "object" || decoded === null) return false;
  const { kind, bytes } = decoded as { kind?: unknown; bytes?: unknown };
  return kind === "value" ? "value" in decoded : (kind === "text" || kind === "bytes") && isBytes(bytes);
}

function checked<T>(decoded: unknown): Decoded<T> {
  if (isDecoded<T>(decoded)) return decoded;
  throw new SecretError("INVALID_VALUE", "the codec returned something that is not a decoded value", {
    reason: "schema",
    tip: '`decode` returns { kind: "text" | "bytes", bytes } or { kind: "value", value }.',
  });
}
