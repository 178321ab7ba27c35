import type { Codec } from "../decode/codec.ts";
import { toCodec } from "../decode/to-codec.ts";
import { countOf, reportProblems } from "../error/problems.ts";
import { isSecretError, SecretError, withErrorContext } from "../error/secret-error.ts";
import { listedNames, quotedName } from "../name/listed-names.ts";
import { nearest } from "../name/nearest.ts";
import { assertAlias, parseReference, type Reference } from "../name/reference.ts";
import type { Masks } from "../redact/mask-policy.ts";
import { toMilliseconds } from "../time/duration.ts";
import type { Accept } from "../view/accept.ts";
import type { ViewPolicy } from "../view/view-policy.ts";
import type { AnyDeclaration, Declarations, Declared } from "./declaration.ts";

/** A parsed declaration. */
export interface ResolvedDeclaration {
  readonly alias: string;
  readonly reference: Reference;
  readonly codec: Codec<unknown>;
  readonly policy: ViewPolicy<unknown>;
  /** 0 for a declaration without `overlap`. */
  readonly overlapMs: number;
  readonly rotateEveryMs: number | undefined;
}

/**
 * Parses declarations, plain or from `declareSecrets`.
 * @throws {SecretError} INVALID_CONFIG whose `errors` are all problems, each with its alias and option
 */
export function resolveDeclarations(
  declared: Declared | Declarations | undefined,
): ReadonlyMap<string, ResolvedDeclaration> {
  const declarations: unknown = isDeclared(declared) ? declared.declarations : declared === undefined ? {} : declared;
  if (typeof declarations !== "object" || declarations === null || Array.isArray(declarations)) throw notDeclared();
  const resolved = new Map<string, ResolvedDeclaration>();
  const problems: SecretError[] = [];
  for (const [alias, declaration] of Object.entries(declarations)) {
    const one = new DeclarationReader(alias, declaration).read(problems);
    if (one !== undefined) resolved.set(alias, one);
  }
  if (problems.length > 0) throw allProblems(problems);
  return resolved;
}

const keys = ["ref", "as", "optional", "accept", "onDelete", "overlap", "rotateEvery", "mask"] as const;
/** option name of other libraries -> our option */
const synonyms: Readonly<Record<string, string>> = {
  reference: "ref",
  name: "ref",
  path: "ref",
  key: "ref",
  schema: "as",
  decode: "as",
  decoder: "as",
  codec: "as",
  type: "as",
  required: "optional",
};
const masks: ReadonlySet<unknown> = new Set(["auto", "always", "never"]);

/** Parses one declaration and collects all its problems. */
class DeclarationReader {
  readonly #alias: string;
  readonly #declaration: AnyDeclaration;
  readonly #problems: SecretError[] = [];

  constructor(alias: string, declaration: AnyDeclaration) {
    this.#alias = alias;
    this.#declaration = declaration;
  }

  read(problems: SecretError[]): ResolvedDeclaration | undefined {
    const resolved = this.#isObject() ? this.#options() : undefined;
    problems.push(...this.#problems);
    return this.#problems.length === 0 ? resolved : undefined;
  }

  #isObject(): boolean {
    this.#try("the alias", () => assertAlias(this.#alias));
    const isObject = typeof this.#declaration === "object" && this.#declaration !== null;
    if (!isObject) this.#refuse("must be an object with a `ref`");
    return isObject;
  }

  #options(): ResolvedDeclaration | undefined {
    const { optional, accept, onDelete = "keep", overlap, rotateEvery, mask = "auto" } = this.#declaration;
    this.#checkKeys();
    this.#check("optional", optional === undefined || typeof optional === "boolean", "must be true or false");
    this.#check("onDelete", onDelete === "keep" || onDelete === "clear", 'must be "keep" or "clear"');
    this.#check("accept", accept === undefined || typeof accept === "function", "must be a function");
    this.#check("mask", isMask(mask), 'must be "auto", "always" or "never", or one of them by field');
    const reference = this.#try("`ref`", () => parseReference(this.#declaration.ref));
    const codec = this.#try("`as`", () => toCodec(this.#declaration.as));
    this.#checkMaskedFields(mask, codec?.fields);
    const overlapMs = this.#try("", () => toMilliseconds(overlap ?? 0, this.#named("overlap"), { zero: true }));
    const rotateEveryMs = this.#try("", () =>
      rotateEvery === undefined ? undefined : toMilliseconds(rotateEvery, this.#named("rotateEvery")),
    );
    if (reference === undefined || codec === undefined) return undefined;
    return {
      alias: this.#alias,
      reference,
      codec,
      policy: {
        declared: true,
        optional: optional === true,
        onDelete,
        mask,
        accept: accept as Accept<unknown> | undefined,
      },
      overlapMs: overlapMs ?? 0,
      rotateEveryMs,
    };
  }

  #checkKeys(): void {
    for (const key of Object.keys(this.#declaration)) {
      if ((keys as readonly string[]).includes(key)) continue;
      const near = synonyms[key] ?? nearest(key, keys);
      this.#refuse(
        `has no option "${key}"; ${near === undefined ? `there are ${keys.join(", ")}` : `did you mean "${near}"?`}`,
      );
    }
  }

  /** Checks that the decoder reads all masked fields. The mask of any other field would have no effect. */
  #checkMaskedFields(mask: Masks, fields: readonly string[] | undefined): void {
    if (fields === undefined || typeof mask !== "object" || mask === null) return;
    for (const field of Object.keys(mask)) {
      if (fields.includes(field)) continue;
      const near = nearest(field, fields);
      const hint = near === undefined ? `it reads ${listedNames(fields)}` : `did you mean ${quotedName(near)}?`;
      this.#refuse(`has a \`mask\` for ${quotedName(field)}, which its decoder does not read; ${hint}`);
    }
  }

  #check(option: string, isRight: boolean, rule: string): void {
    if (!isRight) this.#addProblem(`${this.#named(option)} ${rule}`);
  }

  #refuse(what: string): void {
    this.#addProblem(`the declaration of "${this.#alias}" ${what}`);
  }

  #addProblem(message: string): void {
    this.#problems.push(new SecretError("INVALID_CONFIG", message, { reason: "declaration", reference: this.#alias }));
  }

  /** Runs a parser of an option, and adds the option and the alias to its error. */
  #try<T>(option: string, read: () => T): T | undefined {
    try {
      return read();
    } catch (error) {
      if (!isSecretError(error)) throw error;
      const message = option === "" ? error.message : `${option} of "${this.#alias}": ${error.message}`;
      this.#problems.push(withErrorContext(error, { message, reference: this.#alias }));
      return undefined;
    }
  }

  #named(option: string): string {
    return `\`${option}\` of "${this.#alias}"`;
  }
}

function isMask(mask: unknown): boolean {
  return (
    masks.has(mask) || (typeof mask === "object" && mask !== null && Object.values(mask).every((one) => masks.has(one)))
  );
}

/** Returns whether the argument comes from `declareSecrets`. An alias may also be called `declarations`, but then has a `ref`. */
function isDeclared(declared: Declared | Declarations | undefined): declared is Declared {
  const { declarations } = (declared ?? {}) as Partial<Declared>;
  return typeof declarations === "object" && declarations !== null && typeof declarations.ref !== "string";
}

function notDeclared(): SecretError {
  return new SecretError("INVALID_CONFIG", "`declare` must be an object of declarations", {
    reason: "declaration",
    tip: 'Write createSecrets({ declare: { alias: { ref: "name" } } }), or pass what declareSecrets returns.',
  });
}

function allProblems(problems: readonly SecretError[]): SecretError {
  const verb = problems.length === 1 ? "is" : "are";
  const headline = `there ${verb} ${countOf(problems)} in the declarations`;
  return reportProblems({ code: "INVALID_CONFIG", headline, problems }, { reason: "declaration" });
}
