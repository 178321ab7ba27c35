import { isSecretError, SecretError } from "@tacit/core/provider";
import { textOf } from "../shared/parse/text.ts";
import { readVariableFile } from "./variable-file.ts";

/** Variables by name; never written. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The environment of the process with a `.env` file beneath it, as Node reads such files. The file is read at each call,
 * so that a developer need not restart; where it is absent, nothing is beneath.
 * @throws {SecretError} UNAVAILABLE, PERMISSION_DENIED or INVALID_VALUE when it is there and cannot be read
 */
export async function withDotenv(environment: Environment, dotenv: string | undefined): Promise<Environment> {
  if (dotenv === undefined) return environment;
  const text = await readDotenv(dotenv);
  const { parseEnv } = process.getBuiltinModule("node:util");
  return { ...parseEnv(text ?? ""), ...environment };
}

/** Returns whether the `.env` file is there. @throws {SecretError} as `withDotenv` does */
export async function hasDotenv(dotenv: string): Promise<boolean> {
  return (await readDotenv(dotenv)) !== undefined;
}

async function readDotenv(dotenv: string): Promise<string | undefined> {
  try {
    return textOf(await readVariableFile(dotenv, "the `dotenv` file", "provider"), { other: dotenvError });
  } catch (error) {
    if (isSecretError(error, "UNAVAILABLE") && error.reason === "file-missing") return undefined;
    throw error;
  }
}

function dotenvError(reason: string, problem: string, tip: string): SecretError {
  return new SecretError("INVALID_VALUE", `the \`dotenv\` file ${problem}`, { reason, tip });
}

/** One variable, own members only: `process.env` and plain objects both inherit names such as `toString`. */
export function variableOf(environment: Environment, name: string): string | undefined {
  return Object.hasOwn(environment, name) ? environment[name] : undefined;
}
