import { parseDuration } from "./config/duration.ts";
import { type Codec, type Decoder, toCodec } from "./decode/decoder.ts";
import { SecretError } from "./error/secret-error.ts";
import { nearest } from "./name/nearest.ts";
import { assertAlias, parseReference, type Reference } from "./name/reference.ts";
import type { Masks } from "./redact/mask-policy.ts";
import type { Accept } from "./view/admission.ts";
import type { ViewPolicy } from "./view/view-policy.ts";

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

/** A declaration in the form that the client works with. */
export interface ResolvedDeclaration {
  readonly alias: string;
  readonly reference: Reference;
  readonly codec: Codec<unknown>;
  readonly policy: ViewPolicy<unknown>;
  /** 0 without an overlap. */
  readonly overlapMs: number;
  readonly rotateEveryMs: number | undefined;
}

const keys = ["ref", "as", "optional", "accept", "onDelete", "overlap", "rotateEvery", "mask"] as const;
const masks: ReadonlySet<unknown> = new Set(["auto", "always", "never"]);

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

/** @throws {SecretError} INVALID_CONFIG whose `errors` are all problems */
export function resolveDeclarations(declared: Declared | undefined): ReadonlyMap<string, ResolvedDeclaration> {
  const resolved = new Map<string, ResolvedDeclaration>();
  const problems: SecretError[] = [];
  const { declarations } = declared ?? { declarations: {} };
  if (typeof declarations !== "object" || declarations === null) throw notDeclared();
  for (const [alias, declaration] of Object.entries(declarations)) {
    try {
      resolved.set(alias, resolve(alias, declaration));
    } catch (error) {
      problems.push(error as SecretError);
    }
  }
  if (problems.length === 0) return resolved;
  const list = problems.map(({ message }) => `- ${message}`).join("\n");
  throw new SecretError("INVALID_CONFIG", `the declaration has ${problems.length} problem(s):\n${list}`, {
    reason: "declaration",
    errors: problems,
    tip: "See `declareSecrets` in the README.",
  });
}

function resolve(alias: string, declaration: AnyDeclaration): ResolvedDeclaration {
  assertAlias(alias);
  if (typeof declaration !== "object" || declaration === null) throw invalid(alias, "must be an object with a `ref`");
  const unknown = Object.keys(declaration).find((key) => !(keys as readonly string[]).includes(key));
  if (unknown !== undefined) {
    const near = nearest(unknown, keys);
    throw invalid(alias, `has no option "${unknown}"${near === undefined ? "" : `; did you mean "${near}"?`}`);
  }
  const { optional, accept, onDelete = "keep", overlap, rotateEvery, mask = "auto" } = declaration;
  if (optional !== undefined && optional !== true) throw invalid(alias, "`optional` must be true or absent");
  if (onDelete !== "keep" && onDelete !== "clear") throw invalid(alias, '`onDelete` must be "keep" or "clear"');
  if (accept !== undefined && typeof accept !== "function") throw invalid(alias, "`accept` must be a function");
  if (!isMask(mask)) throw invalid(alias, '`mask` must be "auto", "always" or "never", or one of them by field');
  return {
    alias,
    reference: parseReference(declaration.ref),
    codec: toCodec(declaration.as),
    policy: {
      declared: true,
      optional: optional === true,
      onDelete,
      mask,
      accept: accept as Accept<unknown> | undefined,
    },
    overlapMs: overlap === undefined ? 0 : parseDuration(overlap),
    rotateEveryMs: rotateEvery === undefined ? undefined : parseDuration(rotateEvery),
  };
}

function isMask(mask: unknown): boolean {
  return (
    masks.has(mask) || (typeof mask === "object" && mask !== null && Object.values(mask).every((one) => masks.has(one)))
  );
}

function invalid(alias: string, what: string): SecretError {
  return new SecretError("INVALID_CONFIG", `the declaration of "${alias}" ${what}`, {
    reason: "declaration",
    reference: alias,
  });
}

/** Read as declarations, it would be none, in silence. */
function notDeclared(): SecretError {
  return new SecretError("INVALID_CONFIG", "`declare` needs what declareSecrets returns", {
    reason: "declaration",
    tip: "Write createSecrets({ declare: declareSecrets({ ... }) }).",
  });
}
