import { isSecretError, SecretError, withErrorContext } from "../error/secret-error.ts";
import { base64Bytes } from "./base64-bytes.ts";
import type { Codec, Decoder } from "./codec.ts";
import { ownCodec } from "./own-codec.ts";
import { isText, notText, valueBytes } from "./payload-problem.ts";
import { stringOf } from "./text.ts";
import { toCodec } from "./to-codec.ts";

/** inner codec -> the codec around it, so that `base64()` at every call means one view */
const codecs = new WeakMap<Codec<unknown>, Codec<unknown>>();

/**
 * Reads one value that was stored as base64, in the standard or the URL-safe alphabet, and passes the decoded bytes to the
 * decoder: `base64()` text, `base64(bytes())` a binary key, `base64(json(schema))` a document.
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
        throw ofDecoded(error);
      }
    },
  });
}

/** A password without special characters can be decoded, to bytes that mean nothing. */
function ofDecoded(error: unknown): unknown {
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
