import { isSecretError, SecretError, withErrorContext } from "../error/secret-error.ts";
import { base64Bytes } from "./base64-bytes.ts";
import type { Codec, Decoder } from "./codec.ts";
import { ownCodec } from "./own-codec.ts";
import { isText, notText, valueBytes } from "./payload-problem.ts";
import { stringOf } from "./text.ts";
import { toCodec } from "./to-codec.ts";

/** inner codec -> its base64 codec: views are shared by codec identity, so repeated `base64()` calls must return the same one */
const codecs = new WeakMap<Codec<unknown>, Codec<unknown>>();

/**
 * Decodes one base64 value, in the standard or the URL-safe alphabet, and passes the bytes to the decoder (default: `text()`):
 * `base64(bytes())` reads a binary key, `base64(json(schema))` a document.
 */
export function base64(): Codec<string>;
export function base64<T>(decoder: Decoder<T>): Codec<T>;
export function base64(decoder?: Decoder<unknown>): Codec<unknown> {
  const inner = toCodec(decoder);
  let codec = codecs.get(inner);
  if (codec === undefined) {
    codec = createBase64Codec(inner);
    codecs.set(inner, codec);
  }
  return codec;
}

function createBase64Codec(inner: Codec<unknown>): Codec<unknown> {
  return ownCodec<unknown>({
    kind: inner.kind,
    ...(inner.fields === undefined ? {} : { fields: inner.fields }),
    decode(content, context) {
      const { reference } = context;
      const encoded = valueBytes(content, reference, "base64()");
      if (!isText(encoded)) throw notText(encoded, reference);
      const bytes = base64Bytes(stringOf(encoded), "either");
      if (bytes === undefined) throw notBase64(reference);
      try {
        return inner.decode({ kind: "value", bytes }, context);
      } catch (error) {
        throw asDecodedError(error);
      }
    },
  });
}

/** Adds to a decoder's error that base64 was decoded first: a plain password is often valid base64 by accident. */
function asDecodedError(error: unknown): unknown {
  if (!isSecretError(error, "INVALID_VALUE") || error.reason === "schema") return error;
  return withErrorContext(error, {
    message: `${error.message}, once its base64 is decoded`,
    tip: ["Read a value that is not base64 without base64().", error.tip].filter(Boolean).join(" "),
  });
}

function notBase64(reference: string): SecretError {
  return new SecretError("INVALID_VALUE", `the value of "${reference}" is not base64`, {
    reason: "not-base64",
    reference,
    tip: "Encode the value in the store, or read it as it is, without base64().",
  });
}
