import type { MemoryCase } from "./memory-cases.ts";

/** How many mutated files are opened; all of them in .ci/run, which takes minutes. */
const draws = process.env.TACIT_ALL_SEEDS === undefined ? 50 : 5000;

/** Returns the code and reason of an error; `opened` if the file opens. Anything else than a `SecretError` is thrown. */
async function outcomeOf(open: () => Promise<unknown>): Promise<string> {
  try {
    await open();
    return "opened";
  } catch (error) {
    const { code, reason } = error as { readonly code?: string; readonly reason?: string };
    if (code === undefined || !/^[A-Z_]+$/.test(code)) throw error;
    return `${code} ${reason}`;
  }
}

/** Makes a case of one hostile file. The file is built when it is opened. */
export function hostile(
  title: string,
  build: () => Buffer | string,
  open: (file: Buffer) => Promise<unknown>,
): MemoryCase {
  return { title, run: async () => [await outcomeOf(() => open(toBuffer(build())))] };
}

/** Returns the bytes of a file; those of a buffer are not copied. */
export function toBuffer(file: Buffer | string): Buffer {
  return typeof file === "string" ? Buffer.from(file) : file;
}

/** Makes a case of files that differ from a valid one in a few bytes, or in a part that is cut off, repeated or moved. */
export function mutated(
  title: string,
  valid: readonly Buffer[],
  open: (file: Buffer, index: number) => Promise<unknown>,
): MemoryCase {
  return {
    title: `${draws} files like ${title}`,
    async run() {
      const outcomes = new Set<string>();
      const random = seeded();
      for (let draw = 0; draw < draws; draw += 1) {
        const index = draw % valid.length;
        const file = mutate(valid[index] ?? Buffer.alloc(0), random);
        outcomes.add(await outcomeOf(() => open(file, index)));
      }
      return [...outcomes];
    },
  };
}

function mutate(file: Buffer, random: () => number): Buffer {
  const at = Math.floor(random() * file.length);
  const end = Math.min(file.length, at + Math.ceil(random() * 200));
  const [before, part, after] = [file.subarray(0, at), file.subarray(at, end), file.subarray(end)];
  const byte = Buffer.of(Math.floor(random() * 256));
  const ways = [
    () => [before, byte, file.subarray(at + 1)],
    () => [before, byte, file.subarray(at)],
    () => [before, file.subarray(at + 1)],
    () => [before],
    () => [before, after],
    () => [before, part, part, after],
    () => [part, before, after],
  ];
  return Buffer.concat(ways[Math.floor(random() * ways.length)]?.() ?? []);
}

/** A linear congruential generator: the same files in each run. */
function seeded(): () => number {
  let state = 20_261_121;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Repeats a text until a size is reached, without a string of that size. */
export function filled(head: string, unit: string, bytes: number, tail = ""): Buffer {
  const room = bytes - Buffer.byteLength(head) - Buffer.byteLength(tail);
  const middle = Buffer.byteLength(unit) * Math.floor(room / Buffer.byteLength(unit));
  const file = Buffer.alloc(bytes - room + middle);
  file.write(head);
  file.fill(unit, Buffer.byteLength(head), Buffer.byteLength(head) + middle);
  file.write(tail, Buffer.byteLength(head) + middle);
  return file;
}

/** Numbered lines. */
export function numbered(count: number, line: (index: number) => string): string {
  return Array.from({ length: count }, (_, index) => line(index)).join("");
}
