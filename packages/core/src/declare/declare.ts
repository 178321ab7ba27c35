import type { Decoder } from "../decode/codec.ts";
import type { Masks } from "../redact/mask-policy.ts";
import type { Accept } from "../view/accept.ts";
import { resolveDeclarations } from "./resolve-declarations.ts";

/** One secret that an application needs. */
export interface Declaration<T = string> {
  /** What it is called: `db/primary`, `db/primary#password`. */
  readonly ref: string;
  /** How it is read; default `text()`. */
  readonly as?: Decoder<T>;
  /** It may be absent; reads then give `undefined`. */
  readonly optional?: true;
  /** Asked about every new value before anything sees it, the first too; `false` or a throw keeps the old one. */
  readonly accept?: Accept<T>;
  /** After a definitive deletion: serve the last value (default), or throw NOT_FOUND. */
  readonly onDelete?: "keep" | "clear";
  /** For how long after a rotation the previous value counts as accepted, as in "15m". */
  readonly overlap?: string;
  /** The owner's rotation policy, as in "90d"; overdue is reported, never an error. */
  readonly rotateEvery?: string;
  /** Masking in output, for the whole or by field; default "auto". */
  readonly mask?: Masks;
}

/** Any declaration, before its decoder says what `T` is. */
export interface AnyDeclaration {
  readonly ref: string;
  readonly as?: Decoder<unknown>;
  readonly optional?: true;
  /** An `Accept`; of what, `declareSecrets` checks. */
  readonly accept?: object;
  readonly onDelete?: "keep" | "clear";
  readonly overlap?: string;
  readonly rotateEvery?: string;
  readonly mask?: Masks;
}

/** alias -> what the application needs under it */
export type Declarations = Readonly<Record<string, AnyDeclaration>>;

/** What a declaration's decoder gives. */
export type ValueOf<D> = D extends { readonly as: Decoder<infer T> } ? T : "as" extends keyof D ? unknown : string;

/** `A` is a declaration's `as`: inferred on its own, so that it is known before the parameters of `accept` are needed. */
type DeclarationBy<A> = Omit<Declaration, "as" | "accept"> & {
  readonly as?: A;
  readonly accept?: Accept<unknown extends A ? string : A extends Decoder<infer T> ? T : unknown>;
};

/** Declarations that were checked; the type carries aliases and values. */
export interface Declared<D extends Declarations = Declarations> {
  readonly declarations: D;
}

/**
 * Declares what an application needs; no line of it names a store.
 * @throws {SecretError} INVALID_CONFIG whose `errors` are all problems
 */
export function declareSecrets<const D extends Declarations, A>(
  declarations: D & { readonly [K in keyof A]: string extends K ? unknown : DeclarationBy<A[K]> },
): Declared<D> {
  resolveDeclarations({ declarations });
  return Object.freeze({ declarations: Object.freeze({ ...declarations }) as D });
}
