import { notAFileError } from "./errors.ts";
import { nodeFileSystem } from "./file-system.ts";
import { type FileContent, type FileQuestion, readFileLater, readFileNow } from "./read-file.ts";

/**
 * Reads a file of a login or of a configuration as UTF-8 text. A FIFO or a device is refused, never waited on.
 * @throws {SecretError} INVALID_VALUE, reason `not-a-file` or `too-large`; and what a system call throws
 */
export async function readText(file: string): Promise<string> {
  return textOf(await readFileLater(nodeFileSystem, questionOf(file)), file);
}

/** Reads such a file in this turn. */
export function readTextNow(file: string): string {
  return textOf(readFileNow(nodeFileSystem, questionOf(file)), file);
}

/** Far more than a token, a certificate or a list of clusters has. */
const maxBytes = 4 * 1024 * 1024;

function questionOf(file: string): FileQuestion {
  return { file, path: file, maxBytes };
}

function textOf(content: FileContent | undefined, file: string): string {
  // A directory can be opened.
  if (content === undefined) throw notAFileError(file);
  return Buffer.from(content.bytes.buffer).toString();
}
