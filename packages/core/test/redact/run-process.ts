import { spawn } from "node:child_process";
import { mkdtemp, open, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** How a process ended, and all it printed. */
export interface ProcessResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** What `runProcess` takes. */
export interface RunOptions {
  /** Options of Node. */
  readonly options?: readonly string[];
  /** All variables but one that a report can show. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs a program of this folder to its end, with pipes for its output. */
export async function runProcess(file: string, args: readonly string[], run: RunOptions = {}): Promise<ProcessResult> {
  const child = spawn(process.execPath, commandLine(file, args, run), {
    env: { ...ownVariables(), ...run.env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
  return { code, stdout, stderr };
}

/** The same with files for its output: Node drops what a full pipe does not take before it ends. */
export async function runIntoFiles(
  file: string,
  args: readonly string[],
  run: RunOptions = {},
): Promise<ProcessResult> {
  const folder = await mkdtemp(join(tmpdir(), "run-process-"));
  const [stdout, stderr] = await Promise.all([open(join(folder, "stdout"), "w"), open(join(folder, "stderr"), "w")]);
  try {
    const child = spawn(process.execPath, commandLine(file, args, run), {
      env: { ...ownVariables(), ...run.env },
      stdio: ["ignore", stdout.fd, stderr.fd],
    });
    const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
    const read = (name: string): Promise<string> => readFile(join(folder, name), "utf8");
    return { code, stdout: await read("stdout"), stderr: await read("stderr") };
  } finally {
    await Promise.all([stdout.close(), stderr.close()]);
    await rm(folder, { recursive: true });
  }
}

function ownVariables(): Record<string, string> {
  const { NODE_COMPILE_CACHE } = process.env;
  return NODE_COMPILE_CACHE === undefined ? { LANG: "C" } : { LANG: "C", NODE_COMPILE_CACHE };
}

function commandLine(file: string, args: readonly string[], run: RunOptions): string[] {
  return ["--conditions=@tacit/source", ...(run.options ?? []), join(import.meta.dirname, file), ...args];
}
