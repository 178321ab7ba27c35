import type { Stats } from "node:fs";
import { notAFileError, outsideRootError, tooLargeError } from "./errors.ts";
import { type FileSystem, openFlags } from "./file-system.ts";
import { isInside } from "./location.ts";

/** Content of one file, in memory of its own, and what the system said about the file when it was open. */
export interface FileContent {
  readonly bytes: Uint8Array;
  readonly stats: Stats;
}

/** The file to read, and the most to read of it. */
export interface FileQuestion {
  readonly file: string;
  /** Its name in messages. */
  readonly path: string;
  readonly maxBytes: number;
  /** Added to the flags of `open`. */
  readonly flags?: number;
  /** The real directory in which it must lie once it is open, where the system can tell. */
  readonly inside?: string | undefined;
}

/**
 * Reads one file in this turn: for memory-backed volumes, where the thread pool costs 7 to 60 times more.
 * Returns `undefined` for a directory. Bounded also for files that have no end.
 * @throws {SecretError} INVALID_VALUE, reason `not-a-file` or `too-large`; and what a system call throws
 */
export function readFileNow(fileSystem: FileSystem, question: FileQuestion): FileContent | undefined {
  const descriptor = fileSystem.openSync(question.file, openFlags | (question.flags ?? 0));
  try {
    const stats = fileSystem.fstatSync(descriptor);
    if (stats.isDirectory()) return undefined;
    assertReadable(stats, question);
    const read = (buffer: Uint8Array, offset: number): number =>
      fileSystem.readSync(descriptor, buffer, offset, buffer.length - offset, null);
    const filling = startFilling(stats.size, question);
    for (let more = true; more; ) more = filling.add(read(filling.buffer, filling.length));
    return { bytes: filling.end(), stats };
  } finally {
    fileSystem.closeSync(descriptor);
  }
}

/**
 * Reads one file without blocking: for plain files, which may lie on a disk or network mount that is slow.
 * @throws {SecretError} INVALID_VALUE, reason `not-a-file`, `too-large` or `outside-root`; and what a system call throws
 */
export async function readFileLater(fileSystem: FileSystem, question: FileQuestion): Promise<FileContent | undefined> {
  const handle = await fileSystem.promises.open(question.file, openFlags | (question.flags ?? 0));
  try {
    if (question.inside !== undefined) assertInside(fileSystem, handle.fd, question.inside, question.path);
    const before = await handle.stat();
    if (before.isDirectory()) return undefined;
    assertReadable(before, question);
    const filling = startFilling(before.size, question, new Uint8Array(before.size + 1));
    for (let more = true; more; ) {
      const { buffer, length } = filling;
      more = filling.add((await handle.read(buffer, length, buffer.length - length, null)).bytesRead);
    }
    return { bytes: filling.end(), stats: await handle.stat() };
  } finally {
    await handle.close();
  }
}

/** The kernel knows where an open file lies, whatever its path leads to by now. Elsewhere than on Linux, and without /proc, nobody tells. */
function assertInside(fileSystem: FileSystem, descriptor: number, directory: string, path: string): void {
  let file: string;
  try {
    file = fileSystem.readlinkSync(`/proc/self/fd/${descriptor}`);
  } catch {
    return;
  }
  if (!isInside(directory, file)) throw outsideRootError(path);
}

function assertReadable(stats: Stats, { path, maxBytes }: FileQuestion): void {
  if (!stats.isFile()) throw notAFileError(path);
  if (stats.size > maxBytes) throw tooLargeError(path, maxBytes);
}

/** Larger than most secrets; reads of one turn share it, and leave nothing in it. */
const scratch = new Uint8Array(16 * 1024);

interface Filling {
  readonly buffer: Uint8Array;
  readonly length: number;
  /** Counts what one read brought; whether to read on. */
  add(count: number): boolean;
  /** The content, in an allocation of its own and of its exact size; the buffer is wiped. */
  end(): Uint8Array;
}

/** The buffer is larger than the announced size, so the read that brings it all also shows that there is no more. */
function startFilling(
  size: number,
  { path, maxBytes }: FileQuestion,
  initial: Uint8Array = size < scratch.length ? scratch : new Uint8Array(size + 1),
): Filling {
  let buffer = initial;
  let length = 0;
  return {
    get buffer() {
      return buffer;
    },
    get length() {
      return length;
    },
    add(count) {
      length += count;
      if (length > maxBytes) {
        buffer.fill(0, 0, length);
        throw tooLargeError(path, maxBytes);
      }
      if (length === buffer.length) buffer = enlarged(buffer);
      return count > 0 && length !== size;
    },
    end() {
      const bytes = new Uint8Array(new ArrayBuffer(length));
      bytes.set(buffer.subarray(0, length));
      buffer.fill(0, 0, length);
      return bytes;
    },
  };
}

function enlarged(buffer: Uint8Array): Uint8Array {
  const larger = new Uint8Array(buffer.length * 2);
  larger.set(buffer);
  buffer.fill(0);
  return larger;
}
