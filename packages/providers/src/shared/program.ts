import { type ChildProcess, spawn } from "node:child_process";
import { type CallContext, type ProviderHost, SecretError } from "@tacit/core/provider";
import { inGroup, killGroup } from "./process-group.ts";
import { programLimitMs } from "./program-limit.ts";
import { within } from "./within.ts";

/** A program to run, without a shell. */
export interface Program {
  readonly command: string;
  readonly args: readonly string[];
  /** The environment variables. Default: those of this process. */
  readonly environment?: NodeJS.ProcessEnv | undefined;
  /** The content of its standard input. Default: empty. */
  readonly input?: string | undefined;
  /** The maximum size of each of its two outputs. */
  readonly maxBytes: number;
  /** Its name in the message that it took too long: `the gpg program`. */
  readonly name: string;
}

/** The result of a finished program. */
export interface ProgramResult {
  /** The exit code; null if the program was killed, for example because of too much output. */
  readonly code: number | null;
  readonly output: Uint8Array;
  readonly errorOutput: Uint8Array;
}

/**
 * Runs a program for at most a minute. The program and those that it has started are killed at the limit, when the signal aborts,
 * and when this process exits.
 * @throws {SecretError} UNAVAILABLE `timeout`; errors of starting the program; the signal's reason
 */
export async function runProgram(
  program: Program,
  { clock, signal }: CallContext & Pick<ProviderHost, "clock">,
): Promise<ProgramResult> {
  signal.throwIfAborted();
  const child = spawn(program.command, program.args, {
    stdio: [program.input === undefined ? "ignore" : "pipe", "pipe", "pipe"],
    ...inGroup,
    ...(program.environment !== undefined && { env: program.environment }),
  });
  const kill = (): void => killGroup(child);
  process.once("exit", kill);
  try {
    const limit = { clock, signal, limitMs: programLimitMs, late: () => tooSlow(program.name) };
    return await within(resultOf(child, program), limit);
  } catch (error) {
    kill();
    release(child);
    throw error;
  } finally {
    process.removeListener("exit", kill);
  }
}

function resultOf(child: ChildProcess, { input, maxBytes }: Program): Promise<ProgramResult> {
  const [output, errorOutput] = [child.stdout, child.stderr].map((stream) => {
    const chunks: Buffer[] = [];
    let length = 0;
    stream?.on("data", (chunk: Buffer) => {
      length += chunk.length;
      if (length > maxBytes) killGroup(child);
      else chunks.push(chunk);
    });
    return chunks;
  }) as [Buffer[], Buffer[]];
  // The program may exit before it has read its whole input.
  child.stdin?.on("error", () => undefined);
  child.stdin?.end(input);
  const joined = (chunks: readonly Buffer[]): Uint8Array => new Uint8Array(Buffer.concat(chunks));
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, output: joined(output), errorOutput: joined(errorOutput) }));
  });
}

/** Closes the pipes, which a program that left the group may hold open, so that this process can exit. */
function release(child: ChildProcess): void {
  for (const stream of [child.stdin, child.stdout, child.stderr]) stream?.destroy();
  child.unref();
}

function tooSlow(name: string): SecretError {
  return new SecretError("UNAVAILABLE", `${name} did not end within ${programLimitMs / 1000} s and was killed`, {
    reason: "timeout",
    tip: "Run the program in a shell: it may be waiting for input, for a login, or for a server that does not answer.",
  });
}
