import type { Adapter } from "../contract/contract.ts";
import type { StandardResult } from "../contract/standard-schema.ts";
import { isSecretError, SecretError } from "../error/secret-error.ts";
import { parseReference } from "../name/reference.ts";
import { coerceSources } from "./coerce-sources.ts";
import { type ConfigProblem, documentError, type ProblemSource, toErrors } from "./config-problem.ts";
import { providerKeys } from "./config-schema.ts";
import { isCredentialSource } from "./credential.ts";
import type { JsonPath } from "./json-path.ts";
import { resolveSources } from "./resolve-sources.ts";
import { schemaProblems } from "./schema-problems.ts";

/** Whose options these are, and what their sources may name. */
export interface OptionsContext {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The configured name, for the JSON path in messages. */
  readonly provider: string;
  /** The document that they stand in. */
  readonly document?: Omit<ProblemSource, "source"> | undefined;
  /** Where they stand in it; default: `providers` and the name. */
  readonly at?: JsonPath | undefined;
}

type OptionsPlace = Pick<OptionsContext, "provider" | "document" | "at">;

/**
 * Resolves the options of one provider as the document holds them. A credential stays the source that it must be
 * (`{"$env"}`, `{"$file"}` or `{"$secret"}`), to be read at each use; any other source becomes its text now.
 * A key such as `auth.token` is a path; list indexes in between are not counted.
 * @throws {SecretError} INVALID_CONFIG with all problems; `literal-credential` where a credential is written out
 */
export async function resolveOptions(
  raw: Readonly<Record<string, unknown>>,
  credentialKeys: readonly string[],
  context: OptionsContext,
): Promise<Record<string, unknown>> {
  const { env } = context;
  const isCredential = (path: JsonPath): boolean =>
    credentialKeys.includes(path.filter((step) => typeof step === "string").join(".")) &&
    typeof path.at(-1) === "string";
  const { value, sources, problems } = await resolveSources(raw, {
    env,
    decide: (path, found) => (isCredential(path) ? (credentialProblem(path, found) ?? "keep") : "resolve"),
  });
  if (problems.length > 0) throw await optionsError(context, problems);
  const options = value as Record<string, unknown>;
  sourcesOf.set(options, sources);
  return options;
}

/**
 * Runs the adapter's own schema over resolved options.
 * @throws {SecretError} INVALID_CONFIG with all problems, each with its path; INTERNAL when the schema itself fails
 */
export async function validateOptions<O>(
  adapter: Pick<Adapter<O>, "options">,
  resolvedOptions: Readonly<Record<string, unknown>>,
  { provider: providerName, document, at }: OptionsPlace,
): Promise<O> {
  let schema: unknown;
  let result: StandardResult<O>;
  try {
    const loaded = await adapter.options();
    schema = loaded;
    coerceSources(resolvedOptions, sourcesOf.get(resolvedOptions) ?? [], schema);
    result = await loaded["~standard"].validate(resolvedOptions);
  } catch (error) {
    throw schemaFailed(error, providerName);
  }
  if (result.issues === undefined) return result.value;
  const problems = schemaProblems({
    schema,
    document: resolvedOptions,
    issues: result.issues,
    otherKeys: at === undefined ? providerKeys : [],
  });
  throw await optionsError({ provider: providerName, document, at }, problems);
}

/** resolved options -> where sources stood in them, whose text may still have to become a number */
const sourcesOf = new WeakMap<object, readonly JsonPath[]>();

function credentialProblem(path: JsonPath, value: unknown): ConfigProblem | undefined {
  if (!isCredentialSource(value)) {
    return {
      path,
      message: "is a credential, so it must be a source, not a literal",
      reason: "literal-credential",
      tip: 'Write {"$file": "/path"}, {"$env": "VARIABLE"} or {"$secret": "name"} instead; if a credential was written here, rotate it.',
    };
  }
  if (!("$secret" in value)) return undefined;
  try {
    parseReference(value.$secret);
    return undefined;
  } catch (error) {
    if (!isSecretError(error)) throw error;
    return {
      path: [...path, "$secret"],
      message: `is not a reference: ${error.message}`,
      reason: "name",
      tip: error.tip,
    };
  }
}

async function optionsError(
  { provider, document, at }: OptionsPlace,
  problems: readonly ConfigProblem[],
): Promise<SecretError> {
  const path = at ?? ["providers", provider];
  const placed = problems.map((problem) => ({ ...problem, path: [...path, ...problem.path] }));
  const source = at === undefined ? `the options of provider "${provider}"` : `\`${at.join(".")}\``;
  const named = at === undefined ? { provider } : {};
  return documentError(source, await toErrors({ ...document, source }, placed, named), named.provider);
}

function schemaFailed(error: unknown, provider: string): SecretError {
  if (isSecretError(error)) return error;
  return new SecretError("INTERNAL", `the options schema of provider ${provider} failed`, {
    reason: "options-schema",
    provider,
    retryable: false,
    cause: error,
    tip: "The adapter has a defect, or its schema library is not installed.",
  });
}
