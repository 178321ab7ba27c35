import * as fs from "node:fs";
import type { FileHandle } from "node:fs/promises";

/** The reason why a file could not be read. */
export type FileFault = "missing" | "denied" | "not-a-file" | "too-large" | "unreadable";

/** fault -> the end of the sentence "the file ..." */
export const faultText: Readonly<Record<FileFault, string>> = {
  missing: "does not exist",
  denied: "is not readable by this process",
  "not-a-file": "is not a regular file",
  "too-large": "is larger than 1 MiB",
  unreadable: "could not be read",
};

/**
 * Reads the bytes of a regular file of at most 1 MiB. A FIFO, device or directory is refused without waiting.
 * Returns a fault and never throws: the message of a system error quotes the path, which may be a value of a document.
 */
export async function readBoundedFile(path: string | URL): Promise<Uint8Array | FileFault> {
  let file: FileHandle | undefined;
  try {
    // Without O_NONBLOCK, opening a FIFO would wait for a writer. Windows has no such flag.
    file = await fs.promises.open(path, fs.constants.O_RDONLY | (fs.constants.O_NONBLOCK ?? 0));
    return (await file.stat()).isFile() ? await readUpTo(file, maxBytes) : "not-a-file";
  } catch (error) {
    return faultOf(error);
  } finally {
    await file?.close();
  }
}

/** The size limit of a Kubernetes Secret; a document is far smaller. */
const maxBytes = 1_048_576;

/** Reads up to a limit. The size of `stat` is not used, because it is 0 for files of /proc, and the file may grow. */
async function readUpTo(file: FileHandle, limit: number): Promise<Uint8Array | FileFault> {
  const chunks: Buffer[] = [];
  for (let total = 0; total <= limit; ) {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(65_536), 0, 65_536, null);
    if (bytesRead === 0) return Buffer.concat(chunks);
    chunks.push(buffer.subarray(0, bytesRead));
    total += bytesRead;
  }
  return "too-large";
}

function faultOf(error: unknown): FileFault {
  const code = (error as { code?: unknown } | null)?.code;
  if (code === "ENOENT" || code === "ENOTDIR") return "missing";
  if (code === "EACCES" || code === "EPERM") return "denied";
  return code === "EISDIR" || code === "ENXIO" ? "not-a-file" : "unreadable";
}
