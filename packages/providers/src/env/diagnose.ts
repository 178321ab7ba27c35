import { type Finding, isSecretError } from "@tacit/core/provider";
import { unusedAccountToken } from "../shared/findings.ts";
import { type Environment, hasDotenv, withDotenv } from "./environment.ts";
import { lookUp } from "./lookup.ts";
import type { EnvOptions } from "./options.ts";

/** Returns the findings on secrets in variables. Only paths that were asked for are looked at. */
export async function findings(
  options: EnvOptions,
  environment: Environment,
  asked: ReadonlySet<string>,
): Promise<readonly Finding[]> {
  const { findings: dotenv, isReadable } = await dotenvFindings(options);
  const variables = await withDotenv(environment, isReadable ? options.dotenv : undefined);
  return [
    ...exposure(),
    ...dotenv,
    ...envFromFindings(options),
    ...ambiguities(variables, options, asked),
    ...unusedAccountToken(),
  ];
}

function exposure(): readonly Finding[] {
  const frozen: Finding = {
    level: "info",
    code: "env-frozen",
    message: "environment variables are fixed when the process starts; a rotation takes effect only after a restart",
    tip: "Mount the secret as a volume and read it with the file adapter, which sees a rotation within seconds.",
  };
  const visible: Finding = {
    level: "warning",
    code: "env-visible",
    message: "environment variables are visible in /proc, in diagnostic reports of Node, and in every child process",
    tip: "Start Node with --report-exclude-env, pass an explicit `env` to child processes, and prefer a mounted volume.",
  };
  // Reports are the part that the process can close by itself.
  return process.report?.excludeEnv === true ? [frozen] : [frozen, visible];
}

async function dotenvFindings({
  dotenv,
}: EnvOptions): Promise<{ readonly findings: readonly Finding[]; readonly isReadable: boolean }> {
  try {
    if (dotenv === undefined || (await hasDotenv(dotenv))) return { findings: [], isReadable: true };
    return { findings: [missing], isReadable: true };
  } catch (error) {
    if (!isSecretError(error)) throw error;
    const unreadable: Finding = { level: "error", code: "dotenv-unreadable", message: error.message, tip: error.tip };
    return { findings: [unreadable], isReadable: false };
  }
}

const missing: Finding = {
  level: "info",
  code: "dotenv-missing",
  message: "the `dotenv` file does not exist, so only the environment of the process is read",
  tip: "Remove the option if the file is not needed, or check the path against the working directory.",
};

function envFromFindings({ envFrom }: EnvOptions): readonly Finding[] {
  return Object.keys(envFrom).map((reference) => ({
    level: "info",
    code: "env-from-skips",
    message:
      "Kubernetes skips keys of an `envFrom` Secret that are not valid variable names, such as username.txt or tls.crt",
    tip: "Check the pod for the event InvalidEnvironmentVariableNames; map such keys to variables one by one, or mount a volume.",
    reference,
  }));
}

function ambiguities(
  environment: Environment,
  { separator }: EnvOptions,
  asked: ReadonlySet<string>,
): readonly Finding[] {
  return [...asked].flatMap((path): readonly Finding[] => {
    try {
      lookUp(environment, path, separator);
      return [];
    } catch (error) {
      if (!isSecretError(error)) throw error;
      return [{ level: "error", code: "env-ambiguous", message: error.message, tip: error.tip }];
    }
  });
}
