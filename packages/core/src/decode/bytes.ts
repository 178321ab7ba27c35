import { checkOptions, rules } from "../name/check-options.ts";
import type { Codec, Decoded } from "./codec.ts";
import { ownCodec } from "./own-codec.ts";
import { emptyValue, valueBytes } from "./payload-problem.ts";

/** The options of `bytes`. */
export interface BytesOptions {
  /** Whether an empty value is valid. Default: false. */
  readonly allowEmpty?: boolean;
}

const codecs: ReadonlyArray<Codec<Uint8Array>> = [createBytesCodec(false), createBytesCodec(true)];

/** Reads one value as the store's exact bytes, without trimming. Each `reveal()` returns a copy that the caller owns. */
export function bytes(options: BytesOptions = {}): Codec<Uint8Array> {
  checkOptions("bytes", options, { allowEmpty: rules.flag });
  return codecs[options.allowEmpty === true ? 1 : 0] as Codec<Uint8Array>;
}

function createBytesCodec(allowEmpty: boolean): Codec<Uint8Array> {
  return ownCodec<Uint8Array>({
    kind: "bytes",
    decode(content, { reference }): Decoded<Uint8Array> {
      const whole = valueBytes(content, reference, "bytes()");
      if (!allowEmpty && whole.length === 0) throw emptyValue(reference);
      return { kind: "bytes", bytes: whole };
    },
  });
}
