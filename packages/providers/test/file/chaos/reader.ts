import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { SecretWatch } from "@tacit/core";
import type { Handles } from "./handles.ts";

/** What a reader is asked. */
export type ReaderRequest =
  | { readonly ask: "open"; readonly root: string; readonly volumes: readonly string[]; readonly blind: number }
  /** Waits until the watch of a volume is in a state, or the time is up. */
  | { readonly ask: "state"; readonly volume: string; readonly state: SecretWatch["state"]; readonly withinMs: number }
  /** Waits until each volume serves its final generation, or the time is up. */
  | { readonly ask: "final"; readonly generations: Readonly<Record<string, number>>; readonly withinMs: number }
  | { readonly ask: "close" };

/** Arrival at the final generation. */
export interface Arrival {
  readonly alias: string;
  readonly volume: string;
  readonly isBlind: boolean;
  /** Whether that is what it serves now. */
  readonly isFinal: boolean;
  /** When its listener heard of that, milliseconds since the epoch with fractions; comparable with a writer's report. */
  readonly at: number;
}

/** What one declared secret went through. */
export interface AliasReport {
  readonly alias: string;
  /** Versions told to a listener, and those of the `changed` events, in order; neither with the first value. */
  readonly heard: readonly string[];
  readonly changed: readonly string[];
  /** What is served at the end. */
  readonly version: string;
  readonly deletions: number;
  readonly returns: number;
}

/** What a reader has to say at its end. No value is in it. */
export interface ReaderReport {
  /** Torn pairs, values that were never published, steps back: what, where and when; must be empty. */
  readonly violations: readonly string[];
  /** Unhandled rejections, uncaught exceptions and process warnings; must be empty. */
  readonly alarms: readonly string[];
  /** Where a value was found in an event, an error, or anything printed; must be empty. */
  readonly leaks: readonly string[];
  readonly aliases: readonly AliasReport[];
  /** `CODE/reason` -> how often it was told */
  readonly failures: Readonly<Record<string, number>>;
  /** Reads of a provider. */
  readonly reads: number;
  /** Reads of the application. */
  readonly samples: number;
  readonly handlesBefore: Handles;
  readonly handlesAfter: Handles;
}

/** A process that runs a client over the volumes of one root, without the right to read what a mode forbids. */
export interface Reader extends AsyncDisposable {
  open(root: string, volumes: readonly string[], blind: number): Promise<void>;
  /** Answers the state in which the watch of a volume is then. */
  state(volume: string, state: SecretWatch["state"], withinMs: number): Promise<SecretWatch["state"]>;
  final(generations: Readonly<Record<string, number>>, withinMs: number): Promise<readonly Arrival[]>;
  close(): Promise<ReaderReport>;
  /** Resolves when the process has ended by itself: how, and all that it has printed. */
  readonly ended: Promise<{ readonly code: number | null; readonly printed: string }>;
}

/** Starts a reader. The caller closes it, or disposes of it whatever it does. */
export function startReader(): Reader {
  const child = fork(fileURLToPath(new URL("./reader-process.ts", import.meta.url)), [], {
    execArgv: ["--conditions=@tacit/source", "--unhandled-rejections=strict", "--trace-warnings"],
    serialization: "advanced",
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  let printed = "";
  for (const stream of [child.stdout, child.stderr]) stream?.on("data", (chunk) => (printed += String(chunk)));
  const ended = new Promise<{ code: number | null; printed: string }>((resolve) => {
    child.once("close", (code) => resolve({ code, printed }));
  });
  const ask = <T>(request: ReaderRequest): Promise<T> => {
    const answer = new Promise<T>((resolve) => child.once("message", (message) => resolve(message as T)));
    child.send(request);
    const early = ended.then(({ code }) => {
      throw new Error(`the reader ended with ${code} before it answered: ${printed}`);
    });
    return Promise.race([answer, early]);
  };
  return {
    open: (root, volumes, blind) => ask({ ask: "open", root, volumes, blind }),
    state: (volume, state, withinMs) => ask({ ask: "state", volume, state, withinMs }),
    final: (generations, withinMs) => ask({ ask: "final", generations, withinMs }),
    close: () => ask({ ask: "close" }),
    ended,
    async [Symbol.asyncDispose]() {
      await stop(child, ended);
    },
  };
}

async function stop(child: ChildProcess, ended: Promise<unknown>): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) child.kill("SIGKILL");
  await ended;
}
