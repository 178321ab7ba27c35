import { join } from "node:path";
import { createScreen } from "./screen.ts";
import { tellStory } from "./story.ts";

/** The demo ends by itself, also where something hangs. */
const deadlineMs = 50_000;

const screen = createScreen(process.stdout);
const interrupted = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => interrupted.abort(new Error(signal)));
const signal = AbortSignal.any([interrupted.signal, AbortSignal.timeout(deadlineMs)]);
// The test of the demo brings services that misbehave.
const serviceFile = process.argv[2] ?? join(import.meta.dirname, "service.ts");

try {
  screen.print(await tellStory(screen, serviceFile, signal));
} catch (error) {
  screen.print(`failed: ${error instanceof Error ? error.message : "for an unknown cause"}`);
  process.exitCode = 1;
}
