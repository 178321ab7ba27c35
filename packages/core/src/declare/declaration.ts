import type { Decoder } from "../decode/codec.ts";
import type { Masks } from "../redact/mask-policy.ts";
import type { Duration } from "../time/duration.ts";
import type { Accept } from "../view/accept.ts";

/** One secret that an application needs. */
export interface Declaration<T = string> {
  /** The reference: `db/primary`, `db/primary#password`. */
  readonly ref: string;
  /** The decoder of the value. Default: `text()`. */
  readonly as?: Decoder<T>;
  /** Whether the secret may be missing; reads then return `undefined`. Default: false. */
  readonly optional?: boolean;
  /** Called with every new value, including the first, before it is adopted; `false` or a throw keeps the old value. */
  readonly accept?: Accept<T>;
  /** Whether to serve the last value after a definitive deletion (`keep`, the default), or to throw NOT_FOUND (`clear`). */
  readonly onDelete?: "keep" | "clear";
  /** The time after a rotation during which the previous value is accepted, such as "15m". Default: none. */
  readonly overlap?: Duration;
  /** The rotation interval of the owner, such as "90d". An overdue rotation is reported, but is not an error. */
  readonly rotateEvery?: Duration;
  /** The masking in output, for the whole value or by field. Default: "auto". */
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

/** The type that the decoder of a declaration returns. */
export type ValueOf<D> = D extends { readonly as: Decoder<infer T> } ? T : "as" extends keyof D ? unknown : string;

/** True if the secret of a declaration may be missing, also if `optional` is a variable of type boolean. */
export type IsOptional<D> = D extends { readonly optional: infer O } ? (true extends O ? true : false) : false;

/** A declaration with the decoder `A`, which is inferred separately, so that it is known before the parameters of `accept`. */
type DeclarationBy<A> = Omit<Declaration, "as" | "accept"> & {
  readonly as?: A;
  readonly accept?: Accept<unknown extends A ? string : A extends Decoder<infer T> ? T : unknown>;
};

/** Plain declarations: `as` determines the parameters of `accept`, and an unknown option does not compile. */
export type WrittenDeclarations<D extends Declarations, A> = D & {
  readonly [K in keyof A]: string extends K ? unknown : DeclarationBy<A[K]>;
} & { readonly [K in keyof D]: { readonly [P in Exclude<keyof D[K], keyof AnyDeclaration>]: never } };

/** Checked declarations; the type contains the aliases and the types of their values. */
export interface Declared<D extends Declarations = Declarations> {
  readonly declarations: D;
}
