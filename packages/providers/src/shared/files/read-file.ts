import type { Stats } from "node:fs";
import { notAFileError, outsideRootError, tooLargeError } from "./errors.ts";
import { type FileSystem, openFlags } from "./file-system.ts";
import { isInside } from "./location.ts";

/** The content of a file, in its own memory, and the stats of the open file. */
export interface FileContent {
  readonly bytes: Uint8Array;
  readonly stats: Stats;
}

/** The file to read, and the limits of the read. */
export interface FileQuestion {
  readonly file: string;
  /** The name of the file in messages. */
  readonly path: string;
  readonly maxBytes: number;
  /** Added to the flags of `open`. */
  readonly flags?: number;
  /** The resolved directory that must contain the open file; checked on Linux only. */
  readonly inside?: string | undefined;
}

/**
 * Reads a file synchronously, for volumes in memory, where the thread pool would take 7 to 60 times as long. Returns undefined for
 * a directory. The size limit also applies to files without an end.
 * @throws {SecretError} INVALID_VALUE `not-a-file` or `too-large`; errors of system calls
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
 * Reads a file asynchronously, for plain files, which may be on a slow disk or network mount. Returns undefined for a directory.
 * @throws {SecretError} INVALID_VALUE `not-a-file`, `too-large` or `outside-root`; errors of system calls
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

/** Checks the location of an open file, which the kernel knows even if its path has changed. Without the /proc of Linux, nothing is checked. */
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

/** A buffer for the synchronous reads, which are wiped after each; larger than most secrets. */
const scratch = new Uint8Array(16 * 1024);

interface Filling {
  readonly buffer: Uint8Array;
  readonly length: number;
  /** Adds the bytes of one read; returns whether to continue. */
  add(count: number): boolean;
  /** Returns the content in its own memory, and wipes the buffer. */
  end(): Uint8Array;
}

/** Creates a buffer larger than the size in the stats, so that a single read returns all bytes and shows that there are no more. */
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
