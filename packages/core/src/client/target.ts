import type { Codec, Decoder } from "../decode/codec.ts";
import { toCodec } from "../decode/to-codec.ts";
import { SecretError } from "../error/secret-error.ts";
import { quotedName } from "../name/listed-names.ts";
import { nearest } from "../name/nearest.ts";
import { parseReference, type Reference } from "../name/reference.ts";

/** The target of a read: a declared alias, or a reference with a decoder. */
export type Target =
  | { readonly kind: "alias"; readonly alias: string; readonly text: string }
  | {
      readonly kind: "reference";
      readonly reference: Reference;
      readonly codec: Codec<unknown>;
      readonly text: string;
    };

/** The declarations in which a target is looked up. */
interface Declaring {
  /** alias -> its declaration */
  readonly options: { readonly declarations: ReadonlyMap<string, { readonly reference: Reference }> };
}

/** Returns the target of a read. @throws {SecretError} INVALID_NAME; INVALID_CONFIG for an invalid decoder */
export function toTarget(
  client: Declaring,
  strict: boolean,
  name: string,
  decoder: Decoder<unknown> | undefined,
): Target {
  const declared = client.options.declarations.get(name);
  if (declared !== undefined && decoder === undefined)
    return { kind: "alias", alias: name, text: declared.reference.text };
  if (strict) throw unknownAlias(name, client.options.declarations);
  const reference = parseReference(name);
  return { kind: "reference", reference, codec: toCodec(decoder), text: reference.text };
}

/** Returns whether an argument is a decoder, rather than options; a schema may be a function. */
export function isDecoder(argument: unknown): argument is Decoder<unknown> {
  if (typeof argument === "function") return true;
  return typeof argument === "object" && argument !== null && ("~standard" in argument || "decode" in argument);
}

/** Returns the error of an undeclared alias, with the nearest one. @param declared alias -> its declaration */
export function unknownAlias(
  alias: unknown,
  declared: ReadonlyMap<string, { readonly reference: Reference }>,
): SecretError {
  if (typeof alias !== "string")
    return new SecretError("INVALID_NAME", `an alias must be a string, got ${typeof alias}`, {
      reason: "not-a-string",
    });
  const known = [...declared.keys()];
  return new SecretError("INVALID_NAME", `${quotedName(alias)} is not a declared alias${hintFor(alias, declared)}`, {
    reason: "unknown-alias",
    tip:
      known.length === 0
        ? "Declare it with declareSecrets."
        : `The declared aliases are: ${known.slice(0, 20).join(", ")}.`,
  });
}

function hintFor(alias: string, declared: ReadonlyMap<string, { readonly reference: Reference }>): string {
  const [own] = [...declared].find(([, { reference }]) => reference.text === alias) ?? [];
  if (own !== undefined) return `; it is the \`ref\` of the alias ${quotedName(own)}`;
  const near = nearest(alias, [...declared.keys()]);
  return near === undefined ? "" : `; did you mean ${quotedName(near)}?`;
}
