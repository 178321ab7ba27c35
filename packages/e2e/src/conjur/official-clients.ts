import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { programPath } from "../programs/provided.ts";

/** What configures every client of Conjur. */
export type ConjurVariables = Readonly<Record<string, string>>;

/** Carries out an order by an official client, and answers what it prints. @throws when the client fails */
export type OfficialClient = (variables: ConjurVariables, ...order: readonly string[]) => Promise<unknown>;

/** Conjur's client for Go. */
export const goClient: OfficialClient = (variables, ...order) => run(programPath("conjur-client"), order, variables);

/** Conjur's client for Python. */
export const pythonClient: OfficialClient = (variables, ...order) =>
  run(programPath("conjur-python"), [join(import.meta.dirname, "python-client.py"), ...order], variables);

async function run(program: string, order: readonly string[], variables: ConjurVariables): Promise<unknown> {
  const { PATH = "", HOME = "" } = process.env;
  const { stdout } = await promisify(execFile)(program, [...order], { env: { PATH, HOME, ...variables } });
  return JSON.parse(stdout);
}
