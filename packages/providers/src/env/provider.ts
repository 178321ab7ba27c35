import {
  type CallContext,
  type Finding,
  type Provider,
  type ProviderHost,
  type ProviderResult,
  type ReadRequest,
  SecretError,
  type Supports,
} from "@tacit/core/provider";
import { differsInCase } from "../shared/another-case.ts";
import { contentResult } from "../shared/answer.ts";
import { findings } from "./diagnose.ts";
import { type Environment, variableOf, withDotenv } from "./environment.ts";
import { lookUp, payloadOf } from "./lookup.ts";
import type { EnvOptions } from "./options.ts";
import { assertVariable } from "./path.ts";

/** The capabilities of an `env` provider. A variable never changes while the process runs; the file that an `X_FILE` names may. */
export const envSupports: Supports = {
  payload: "both",
  versions: false,
  subscribe: false,
  conditional: true,
  frozen: true,
  defaultPollMs: 600_000,
};

/** Reads an environment, which it never writes; looked at again at each read. */
export function openEnvProvider(options: EnvOptions, host: ProviderHost, environment: Environment): Provider {
  if (variableOf(environment, "NODE_ENV") === "production") host.warn("env-in-production", productionTip);
  /** Paths that were asked for: the ones that `diagnose` can say something about. */
  const asked = new Set<string>();
  return {
    supports: envSupports,
    async get({ path, version, ifVersion }: ReadRequest, { signal }: CallContext): Promise<ProviderResult> {
      signal.throwIfAborted();
      assertVariable(path);
      if (version !== "current") throw unsupported();
      asked.add(path);
      const variables = await withDotenv(environment, options.dotenv);
      const found = lookUp(variables, path, options.separator);
      if (found === undefined) {
        if (path.endsWith("*")) host.warn("env-from-empty", emptyTip);
        return { status: "not-found", definitive: true };
      }
      const payload = await payloadOf(found, variables);
      signal.throwIfAborted();
      return contentResult(payload, { ifVersion }, host);
    },
    place(path, fields) {
      const variables = variablesOf(path, options.separator, fields);
      return `variable ${variables.join(", ")}${differsInCase(inAnotherCase(environment, variables))}`;
    },
    diagnose: (): Promise<readonly Finding[]> => findings(options, environment, asked),
  };
}

const productionTip =
  "Environment variables are fixed until a restart and visible to every child process and to anyone who can read /proc; mount the secrets as a volume and read them with the file adapter.";

const emptyTip =
  "No variable begins with the prefix of an `envFrom` name. Compare it with the `prefix` in the pod; Kubernetes skips keys that are not valid variable names, such as username.txt.";

/** Every variable that would have served. */
function variablesOf(path: string, separator: string, fields: readonly string[] = []): readonly string[] {
  if (path.endsWith("*")) return [path];
  const ofFields = fields.map((field) => `${path}${separator}${field.toUpperCase()}`);
  return [path, `${path}_FILE`, ...(ofFields.length === 0 ? [`${path}${separator}*`] : ofFields)];
}

/** Names of the environment that differ from these only in case; none of a `.env` file. */
function inAnotherCase(environment: Environment, variables: readonly string[]): readonly string[] {
  const wanted = new Set(variables.map((variable) => variable.toUpperCase()));
  return Object.keys(environment).filter((name) => wanted.has(name.toUpperCase()) && !variables.includes(name));
}

function unsupported(): SecretError {
  return new SecretError("UNSUPPORTED", "environment variables have no versions", {
    reason: "versions",
    tip: "Ask for the current value.",
  });
}
