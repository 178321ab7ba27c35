import type { Decoder } from "../decode/codec.ts";
import type { Masks } from "../redact/mask-policy.ts";
import type { Duration } from "../time/duration.ts";
import type { Accept } from "../view/accept.ts";

/** One secret that an application needs. */
export interface Declaration<T = string> {
  /** Its reference: `db/primary`, `db/primary#password`. */
  readonly ref: string;
  /** The decoder of its value; default `text()`. */
  readonly as?: Decoder<T>;
  /** Whether it may be absent; reads then return `undefined`. Default false. */
  readonly optional?: boolean;
  /** Called with every new value, including the first, before it is adopted; `false` or a throw keeps the old value. */
  readonly accept?: Accept<T>;
  /** After a definitive deletion: serve the last value (default), or throw NOT_FOUND. */
  readonly onDelete?: "keep" | "clear";
  /** For how long after a rotation the previous value counts as accepted, as in "15m". */
  readonly overlap?: Duration;
  /** The owner's rotation policy, as in "90d"; overdue is reported, never an error. */
  readonly rotateEvery?: Duration;
  /** Masking in output, for the whole or by field; default "auto". */
  readonly mask?: Masks;
}

/** Any declaration, before its decoder determines `T`. */
export interface AnyDeclaration {
  readonly ref: string;
  readonly as?: Decoder<unknown>;
  readonly optional?: boolean;
  /** An `Accept`, whose type `declareSecrets` checks. */
  readonly accept?: object;
  readonly onDelete?: "keep" | "clear";
  readonly overlap?: Duration;
  readonly rotateEvery?: Duration;
  readonly mask?: Masks;
}

/** alias -> its declaration */
export type Declarations = Readonly<Record<string, AnyDeclaration>>;

/** The value that a declaration's decoder returns. */
export type ValueOf<D> = D extends { readonly as: Decoder<infer T> } ? T : "as" extends keyof D ? unknown : string;

/** Whether a declaration says that the secret may be absent; a variable may say so, too. */
export type IsOptional<D> = D extends { readonly optional: infer O } ? (true extends O ? true : false) : false;

/** `A` is a declaration's `as`: inferred on its own, so that it is known before the parameters of `accept` are needed. */
type DeclarationBy<A> = Omit<Declaration, "as" | "accept"> & {
  readonly as?: A;
  readonly accept?: Accept<unknown extends A ? string : A extends Decoder<infer T> ? T : unknown>;
};

/** Declarations as they are written: `as` types the parameters of `accept`, and an option that no declaration has does not compile. */
export type WrittenDeclarations<D extends Declarations, A> = D & {
  readonly [K in keyof A]: string extends K ? unknown : DeclarationBy<A[K]>;
} & { readonly [K in keyof D]: { readonly [P in Exclude<keyof D[K], keyof AnyDeclaration>]: never } };

/** Declarations that were checked; the type carries aliases and values. */
export interface Declared<D extends Declarations = Declarations> {
  readonly declarations: D;
}
