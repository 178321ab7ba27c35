import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Absence, type Bench, measured, orAbsent, type Row, ratio } from "./bench.ts";
import { temporaryRoot } from "./double/atomic-volume.ts";
import { type AgeKey, createAgeKey, fieldsOf, writeAgeFile, writeSopsFile } from "./encrypted/encrypted-files.ts";
import { interleaveSamples, type Sampled } from "./measure/interleave.ts";
import { median } from "./measure/median.ts";
import {
  type FilesReader,
  libraryReader,
  openFilesClient,
  replaceFile,
  sopsProgramReader,
} from "./peers/encrypted-readers.ts";

const names: readonly string[] = Array.from({ length: 1_000 }, (_, index) => `key-${index}`);
/** A process each takes long. */
const fewNames = names.slice(0, 10);
const library = "readFileSync, age-encryption";
const ownAge = "Tacit ready(), age";
const program = "sops decrypt, a process each";
const ownSops = "Tacit ready(), sops";
const rounds = 5;

/** E1 to E3: encrypted files, loaded first and changed one by one. */
export const bench: Bench = {
  id: "encrypted-files",
  title: "Encrypted files",
  repeats: 1,
  timeoutMs: 300_000,
  async run() {
    const absent: Absence[] = [];
    const home = temporaryRoot();
    const files = await writeFiles(home);
    try {
      const age = await loadCosts(
        new Map([
          [library, libraryReader(files.age, files.key.identity)],
          [ownAge, ownReader("age", files.age, files.keyFile)],
        ]),
        names,
        absent,
        cpuNow,
      );
      const sops = await loadCosts(
        new Map([[ownSops, ownReader("sops", files.sops, files.keyFile)]]),
        names,
        absent,
        wallNow,
      );
      const reader = await orAbsent(program, absent, () => sopsProgramReader(files.sops, files.keyFile));
      const theirs = await loadCosts(
        new Map(reader === undefined ? [] : [[program, reader]]),
        fewNames,
        absent,
        wallNow,
      );
      const swap = await swapCosts(files);
      const processes = new Map([...sops, ...theirs]);
      return {
        rows: [
          ...loadRows("First load of 1,000 age files, two fields each", "CPU ms a file", age),
          ...loadRows("A file of SOPS, two fields", "ms a file", processes),
          ...swap.rows,
        ],
        goals: measured({
          "E1.age": ratio(age.get(ownAge), age.get(library)),
          "E1.sops": ratio(processes.get(program), processes.get(ownSops)),
          "E2.delay": swap.delayMs,
          "E2.events": swap.moreEvents,
        }),
        absent,
      };
    } finally {
      rmSync(home, { recursive: true, force: true });
    }
  },
};

interface Files {
  readonly key: AgeKey;
  readonly keyFile: string;
  readonly age: string;
  readonly sops: string;
  /** Beside the roots, for what is renamed into them. */
  readonly staging: string;
}

async function writeFiles(home: string): Promise<Files> {
  const key = await createAgeKey();
  const [age, sops, staging] = ["age", "sops", "staging"].map((name) => join(home, name)) as [string, string, string];
  for (const folder of [age, sops, staging]) mkdirSync(folder);
  const keyFile = join(home, "key");
  writeFileSync(keyFile, key.identity);
  for (const name of names) {
    await writeAgeFile(age, name, fieldsOf(name), key);
    await writeSopsFile(sops, name, fieldsOf(name), key);
  }
  return { key, keyFile, age, sops, staging };
}

function ownReader(use: "age" | "sops", root: string, keyFile: string): FilesReader {
  return async (wanted) => {
    const client = await openFilesClient(use, root, keyFile, wanted);
    await client.ready({ timeout: "60s" });
    const fields = wanted.map((name) => client.latest(name).reveal() as ReturnType<typeof fieldsOf>);
    await client.close();
    return fields;
  };
}

/** contender -> milliseconds for each file */
async function loadCosts(
  readers: ReadonlyMap<string, FilesReader>,
  wanted: readonly string[],
  absent: Absence[],
  now: () => number,
): Promise<ReadonlyMap<string, number>> {
  const sampled: Sampled[] = [];
  for (const [name, read] of readers) {
    const sample = async (): Promise<number> => {
      const begin = now();
      const fields = await read(wanted);
      const spent = now() - begin;
      wanted.forEach((each, index) => {
        if (fields[index]?.password !== fieldsOf(each).password) throw new Error(`${name} answered a wrong value`);
      });
      return spent / wanted.length;
    };
    if ((await orAbsent(name, absent, sample)) !== undefined) sampled.push({ name, sample });
  }
  const samples = await interleaveSamples(sampled, rounds);
  return new Map([...samples].map(([name, own]) => [name, median(own)]));
}

/** CPU time of this process. A neighbour on the machine hardly changes it. */
function cpuNow(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}

/** For what other processes do. */
function wallNow(): number {
  return performance.now();
}

function loadRows(group: string, column: string, perFile: ReadonlyMap<string, number>): readonly Row[] {
  return [...perFile].map(([contender, ms]) => ({ group, contender, values: { [column]: ms } }));
}

/** One of 1,000 files is replaced, again and again. */
async function swapCosts(files: Files): Promise<{
  readonly rows: readonly Row[];
  readonly delayMs: number;
  readonly moreEvents: number;
}> {
  const client = await openFilesClient("age", files.age, files.keyFile, names);
  await client.ready({ timeout: "60s" });
  const delays: number[] = [];
  let events = 0;
  for (const name of names) client.watch(name).on("change", () => void events++);
  const [name = ""] = names;
  const swaps = 20;
  let cpu = 0;
  for (let generation = 1; generation <= swaps; generation++) {
    await writeAgeFile(files.staging, name, fieldsOf(name, generation), files.key);
    const wanted = fieldsOf(name, generation).password;
    const [begin, before] = [wallNow(), cpuNow()];
    replaceFile(join(files.staging, `${name}.json.age`), join(files.age, `${name}.json.age`));
    await untilTrue(() => (client.latest(name).reveal() as { password: string }).password === wanted);
    delays.push(wallNow() - begin);
    cpu += cpuNow() - before;
  }
  await client.close();
  const values = { "p50 ms": median(delays), "CPU ms": cpu / swaps, events: events / swaps };
  return {
    rows: [{ group: "One file of 1,000 is replaced", contender: "Tacit watch, age", values }],
    delayMs: median(delays),
    moreEvents: events - swaps,
  };
}

async function untilTrue(isTrue: () => boolean): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!isTrue()) {
    if (performance.now() > deadline) throw new Error("a change did not arrive");
    await new Promise<void>((resolve) => void setTimeout(resolve, 1));
  }
}
