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

/** The context of the options of a provider. */
export interface OptionsContext {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The configured name, for the JSON path in messages. */
  readonly provider: string;
  /** The document that contains the options. */
  readonly document?: Omit<ProblemSource, "source"> | undefined;
  /** Their path in the document. Default: `providers` and the name. */
  readonly at?: JsonPath | undefined;
}

type OptionsPlace = Pick<OptionsContext, "provider" | "document" | "at">;

/**
 * Resolves the options of one provider. A credential must be a source (`{"$env"}`, `{"$file"}` or `{"$secret"}`) and stays one,
 * to be read at each use; any other source is replaced by its text.
 * @param credentialKeys paths such as `auth.token`, without the indexes of lists
 * @throws {SecretError} INVALID_CONFIG with all problems, such as `literal-credential` for a credential written as text
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
 * Validates resolved options with the schema of the adapter.
 * @throws {SecretError} INVALID_CONFIG with all problems, each with its path; INTERNAL if the schema itself fails
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

/** resolved options -> the paths of their sources, whose text may have to be converted to a number or boolean */
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
