import * as fs from "node:fs";
import { inspect } from "node:util";
import { createSecrets, declareSecrets, object } from "@tacit/core";
import { file } from "../../../src/file/index.ts";
import { openFileProvider } from "../../../src/file/provider.ts";
import { type FileSystem, nodeFileSystem } from "../../../src/shared/files/file-system.ts";
import { createStrictFileSystem } from "../strict-file-system.ts";
import { listenForAlarms } from "./alarms.ts";
import { countHandles } from "./handles.ts";
import { openLeakGate } from "./leak-gate.ts";
import { Observation } from "./observation.ts";
import type { ReaderReport, ReaderRequest } from "./reader.ts";

// The process behind `startReader`: an application that reads pairs, and looks at everything that it is given.
const nobody = 65_534;
/** Polls are too far apart to help, so that what arrives has been told by the system; a blind provider has nothing else. */
const pollInterval = { told: "10m", blind: "500ms" };

const alarms = listenForAlarms();
let close: () => Promise<ReaderReport>;
let state: (request: Extract<ReaderRequest, { ask: "state" }>) => Promise<unknown>;
let final: (request: Extract<ReaderRequest, { ask: "final" }>) => Promise<unknown>;

process.on("message", (request: ReaderRequest) => {
  answer(request).catch((error: unknown) => {
    process.stderr.write(inspect(error));
    process.exit(1);
  });
});

async function answer(request: ReaderRequest): Promise<void> {
  if (request.ask === "open") return await tell(await open(request));
  if (request.ask === "state") return await tell(await state(request));
  if (request.ask === "final") return await tell(await final(request));
  await tell(await close());
  // Nothing else is ended here: what the client has left running keeps this process alive.
  process.disconnect();
}

async function open({ root, volumes, blind }: Extract<ReaderRequest, { ask: "open" }>): Promise<string> {
  const blindVolumes = volumes.slice(0, blind);
  const aliases = [
    ...volumes.map((volume) => ({ alias: `told-${volume}`, volume, reference: volume, isBlind: false })),
    ...blindVolumes.map((volume) => ({
      alias: `blind-${volume}`,
      volume,
      reference: `blind/${volume}`,
      isBlind: true,
    })),
  ];
  await warmUp(root);
  const handlesBefore = countHandles();
  const disk = canDropRights() ? nodeFileSystem : createStrictFileSystem().fileSystem;
  const secrets = createSecrets({
    declare: declareSecrets(
      Object.fromEntries(
        aliases.map(({ alias, reference }) => [
          alias,
          // "never": a redactor that knows the values would hide a leak from the gate.
          { ref: reference, as: object(["username", "password"]), mask: "never" as const },
        ]),
      ),
    ),
    adapters: { told: over(disk), blind: over(deaf(disk)) },
    config: {
      providers: {
        told: { use: "told", root, pollInterval: pollInterval.told },
        blind: { use: "blind", root, pollInterval: pollInterval.blind },
      },
      routes: [{ match: "**", to: ["told"] }],
      bindings: Object.fromEntries(
        blindVolumes.map((volume) => [`blind/${volume}`, { provider: "blind", path: volume }]),
      ),
    },
  });
  const gate = openLeakGate(secrets);
  await secrets.ready();
  dropRights();
  const observation = new Observation(secrets, aliases, gate);
  observation.begin();
  state = (request) => observation.state(request.volume, request.state, request.withinMs);
  final = ({ generations, withinMs }) => observation.final(generations, withinMs);
  close = async () => {
    await observation.end();
    await gate.lookAtAll();
    await secrets.close();
    restoreRights();
    await settle();
    const { leaks, failures, reads } = gate;
    return { ...observation.report(), alarms, leaks, failures, reads, handlesBefore, handlesAfter: countHandles() };
  };
  return "open";
}

function over(fileSystem: FileSystem): typeof file {
  return { ...file, open: (options, host) => openFileProvider(options, host, fileSystem) };
}

/** Its watches are opened, and hear nothing. */
function deaf(fileSystem: FileSystem): FileSystem {
  const watch = (...input: Parameters<typeof fs.watch>): fs.FSWatcher => {
    const watcher = fileSystem.watch(...input);
    watcher.emit = () => true;
    return watcher;
  };
  return { ...fileSystem, watch: watch as typeof fs.watch };
}

/** The first watch of a process opens an inotify instance, which it keeps. */
async function warmUp(root: string): Promise<void> {
  fs.watch(root, { persistent: false }).close();
  await fs.promises.lstat(root);
  await settle();
}

function settle(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 20));
}

/** Root may read everything; where it can be laid down, a mode means what it says. */
function canDropRights(): boolean {
  if (process.getuid?.() !== 0) return true;
  try {
    dropRights();
    restoreRights();
    return true;
  } catch {
    return false;
  }
}

function dropRights(): void {
  if (process.getuid?.() === 0) process.seteuid?.(nobody);
}

function restoreRights(): void {
  if (process.getuid?.() === 0) process.seteuid?.(0);
}

function tell(answer: unknown): Promise<void> {
  return new Promise((resolve) => process.send?.(answer, () => resolve()));
}
