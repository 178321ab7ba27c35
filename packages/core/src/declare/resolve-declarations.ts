import type { Codec } from "../decode/codec.ts";
import { toCodec } from "../decode/to-codec.ts";
import { SecretError } from "../error/secret-error.ts";
import { nearest } from "../name/nearest.ts";
import { assertAlias, parseReference, type Reference } from "../name/reference.ts";
import { parseDuration } from "../time/duration.ts";
import type { Accept } from "../view/accept.ts";
import type { ViewPolicy } from "../view/view-policy.ts";
import type { AnyDeclaration, Declared } from "./declare.ts";

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
