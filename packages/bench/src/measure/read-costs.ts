import { interleaveSamples, type Sampled } from "./interleave.ts";

/** Reads a secret, asking its store each time. */
export interface SecretReader {
  read(name: string): Promise<string>;
  close?(): Promise<void>;
}

/** What reads cost, sample by sample. */
export interface ReadCost {
  /** Microseconds of all threads per read. */
  readonly cpu: number[];
  /** Milliseconds of each read. */
  readonly waits: number[];
}

/** How reads are made. */
export interface ReadLoad {
  /** Each of those that read at once has names of its own: Tacit asks once for all who want the same. */
  readonly names: readonly string[];
  readonly atOnce: number;
  /** Reads in a batch, of a few tens of milliseconds. */
  readonly count: number;
}

/** Returns a reader that has read all the names rightly. @throws where one is wrong */
export async function provenReader<R extends SecretReader>(
  opening: Promise<R>,
  names: readonly string[],
  valueAt: (name: string) => string,
): Promise<R> {
  const reader = await opening;
  const answers = await Promise.all(names.map((name) => reader.read(name)));
  if (answers.some((value, index) => value !== valueAt(names[index] ?? ""))) throw new Error("a read was wrong");
  return reader;
}

/** Samples readers beside each other. @param readers contender -> reader */
export async function readCosts(
  readers: ReadonlyMap<string, SecretReader>,
  load: ReadLoad,
  rounds = 11,
): Promise<ReadonlyMap<string, ReadCost>> {
  const costs = new Map<string, ReadCost>();
  const sampled = [...readers].map(([name, reader]): Sampled => {
    const cost: ReadCost = { cpu: [], waits: [] };
    costs.set(name, cost);
    return { name, sample: () => batch(reader, load, cost) };
  });
  // What runs for the first time is slower.
  await interleaveSamples(sampled, 2);
  for (const { cpu, waits } of costs.values()) cpu.length = waits.length = 0;
  await interleaveSamples(sampled, rounds);
  return costs;
}

/** Returns the microseconds of all threads since then. */
export function cpuSince(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before);
  return user + system;
}

async function batch(
  { read }: SecretReader,
  { names, atOnce, count }: ReadLoad,
  { cpu, waits }: ReadCost,
): Promise<number> {
  const before = process.cpuUsage();
  const worker = async (first: number): Promise<void> => {
    for (let index = first; index < count; index += atOnce) {
      const begin = performance.now();
      await read(names[index % names.length] ?? "");
      waits.push(performance.now() - begin);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, (_, first) => worker(first)));
  const perRead = cpuSince(before) / count;
  cpu.push(perRead);
  return perRead;
}
