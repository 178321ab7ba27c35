import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { promisify } from "node:util";
import type { Pair } from "./pair.ts";

/** What a test asks the service. */
export type Question = "read" | "close";

/** What the service tells. */
export type Answer =
  | { readonly kind: "ready" }
  | { readonly kind: "failed"; readonly codes: readonly string[] }
  | { readonly kind: "read"; readonly pair: Pair }
  | { readonly kind: "change"; readonly reason: string; readonly pair: Pair };

/** How a service ended, and everything that it printed. */
export interface Ending {
  readonly exitCode: number | null;
  readonly output: string;
}

/** A service in a process of its own, on the built packages. */
export interface Service {
  /** The answers so far, oldest first. */
  readonly answers: readonly Answer[];
  ask(question: Question): void;
  /** Resolves with the first answer, past or future, that fits; rejects if the process ends before. */
  until(fits: (answer: Answer) => boolean): Promise<Answer>;
  /** Asks it to close and waits for the process to end by itself. */
  close(): Promise<Ending>;
  /** Resolves when it has ended by itself. */
  readonly ended: Promise<Ending>;
}

/**
 * Starts the service with these variables and no others but PATH.
 * @param launcher a command that becomes the one which follows it, once it has prepared the place
 */
export function startService(variables: Readonly<Record<string, string>>, launcher: readonly string[] = []): Service {
  const script = join(import.meta.dirname, "service.process.ts");
  const [program = "", ...rest] = [...launcher, process.execPath, "--unhandled-rejections=strict", script];
  const child = spawn(program, rest, {
    env: { PATH: process.env.PATH ?? "", ...variables },
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  const answers: Answer[] = [];
  child.on("message", (answer: Answer) => answers.push(answer));
  const ended = endingOf(child);
  const ask = (question: Question): void => void child.send(question);
  return {
    answers,
    ask,
    until: (fits) => until(child, answers, fits, ended),
    close: () => {
      ask("close");
      return ended;
    },
    ended,
  };
}

/** Runs the writer to its end. */
export async function writeGenerations(volume: string, first: number, last: number, pauseMs: number): Promise<void> {
  const writer = join(import.meta.dirname, "volume-writer.process.ts");
  await promisify(execFile)(process.execPath, [writer, volume, String(first), String(last), String(pauseMs)]);
}

async function endingOf(child: ChildProcess): Promise<Ending> {
  const printed = Promise.all([child.stdout, child.stderr].map((stream) => (stream === null ? "" : text(stream))));
  const [exitCode] = (await once(child, "close")) as [number | null];
  return { exitCode, output: (await printed).join("") };
}

async function until(
  child: ChildProcess,
  answers: readonly Answer[],
  fits: (answer: Answer) => boolean,
  ended: Promise<Ending>,
): Promise<Answer> {
  const stopped = ended.then(({ output }): never => {
    throw new Error(`the service ended first: ${output}`);
  });
  // Somebody else may wait for the end too; here it only matters while an answer is missing.
  stopped.catch(() => undefined);
  for (;;) {
    const answer = answers.find(fits);
    if (answer !== undefined) return answer;
    await Promise.race([once(child, "message"), stopped]);
  }
}
