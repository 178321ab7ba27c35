import { readFileSync, readlinkSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { setImmediate as turn } from "node:timers/promises";
import { openMountClient } from "../double/client.ts";

/** Told with each pair that a reader got. */
export type OnPair = (username: string, password: string) => void;
/** Starts reading without rest and answers what stops it. */
export type PairReader = (directory: string, onPair: OnPair) => Promise<() => unknown>;

/** reader -> how it is started */
export const pairReaders: ReadonlyMap<string, PairReader> = new Map<string, PairReader>([
  ["two async reads", (directory, onPair) => restless(() => twoAsync(directory, onPair))],
  ["two sync reads", (directory, onPair) => restless(() => twoSync(directory, onPair))],
  ["two sync reads below readlink(..data)", (directory, onPair) => restless(() => twoPinned(directory, onPair))],
  ["Tacit latest and watch", tacit],
]);

/** Reads again in every turn of the event loop; a read that meets a vanished generation is simply repeated. */
async function restless(read: () => void | Promise<void>): Promise<() => unknown> {
  let stopped = false;
  const loop = (async () => {
    while (!stopped) {
      try {
        await read();
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
      }
      await turn();
    }
  })();
  return () => {
    stopped = true;
    return loop;
  };
}

async function twoAsync(directory: string, onPair: OnPair): Promise<void> {
  const username = await readFile(join(directory, "username"), "utf8");
  onPair(username, await readFile(join(directory, "password"), "utf8"));
}

function twoSync(directory: string, onPair: OnPair): void {
  const username = readFileSync(join(directory, "username"), "utf8");
  onPair(username, readFileSync(join(directory, "password"), "utf8"));
}

function twoPinned(directory: string, onPair: OnPair): void {
  const generation = join(directory, readlinkSync(join(directory, "..data")));
  const username = readFileSync(join(generation, "username"), "utf8");
  onPair(username, readFileSync(join(generation, "password"), "utf8"));
}

async function tacit(directory: string, onPair: OnPair): Promise<() => unknown> {
  const { object } = await import("@tacit/core");
  const declare = { db: { ref: basename(directory), as: object(["username", "password"]) } };
  const client = await openMountClient(dirname(directory), declare);
  await client.ready();
  const see = ({ username, password }: { username: string; password: string }): void => onPair(username, password);
  client.watch("db").on("change", ({ current }) => see(current.reveal() as Pair));
  const stop = await restless(() => see(client.latest("db").reveal() as Pair));
  return async () => {
    await stop();
    await client.close();
  };
}

interface Pair {
  username: string;
  password: string;
}
