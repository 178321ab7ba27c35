import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

/** How a child is started. */
export interface ChildOptions {
  readonly flags?: readonly string[];
  readonly args?: readonly string[];
  /** The child is killed after it; default 60 s. */
  readonly timeoutMs?: number;
}

const packageRoot = fileURLToPath(new URL("../..", import.meta.url));

/**
 * Runs a script of this package in its own process.
 * @returns what it printed as its last line, parsed as JSON
 */
export async function runChild<T>(script: URL, options: ChildOptions = {}): Promise<T> {
  const output = await runNode([...(options.flags ?? []), fileURLToPath(script), ...(options.args ?? [])], options);
  const last = output.trimEnd().split("\n").at(-1) ?? "";
  return JSON.parse(last) as T;
}

/**
 * Runs node from the package root, so that a script given by `--eval` resolves the peers.
 * @returns its standard output; rejects on another exit code than 0
 */
export function runNode(args: readonly string[], options: ChildOptions = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { cwd: packageRoot, stdio: ["ignore", "pipe", "pipe"] });
    const timeout = setTimeout(() => child.kill("SIGKILL"), options.timeoutMs ?? 60_000);
    let output = "";
    let complaint = "";
    child.stdout.on("data", (chunk: Buffer) => {
      output += chunk.toString();
    });
    child.stderr.on("data", (chunk: Buffer) => {
      complaint = (complaint + chunk.toString()).slice(-8_000);
    });
    child.on("error", reject);
    child.on("close", (code, signal) => {
      clearTimeout(timeout);
      if (code === 0) resolve(output);
      else reject(new Error(`child ended with ${signal ?? code}: ${errorLine(complaint)}`));
    });
  });
}

/** The line that names the error, out of a stack with its source excerpt. */
function errorLine(complaint: string): string {
  const lines = complaint.trim().split("\n");
  return lines.find((line) => /^\w*Error\b/.test(line)) ?? lines.at(-1) ?? "";
}
