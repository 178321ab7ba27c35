import * as fs from "node:fs";
import type { FileHandle } from "node:fs/promises";
import { isSecretError, SecretError } from "@tacit/core/provider";
import { errnoOf, isDenial, isRuntimeDenial, runtimeTip } from "../shared/files/errors.ts";

/**
 * Reads the file that a variable `X_FILE` names: exact bytes of a regular file of at most 1 MiB. A FIFO or device is
 * refused, never waited on. The path is not told: a value lands in such a variable by mistake easily enough.
 * @param what names the file in messages: the variable
 * @param scope whether one path is read there, or all
 * @throws {SecretError} UNAVAILABLE `file-missing` (it may be mounted later) or `file-unreadable`, PERMISSION_DENIED
 * `file-permission`, INVALID_VALUE `not-a-file` or `too-large`
 */
export async function readVariableFile(
  path: string,
  what: string,
  scope: "path" | "provider" = "path",
): Promise<Uint8Array> {
  let file: FileHandle | undefined;
  try {
    // Without O_NONBLOCK the open of a FIFO waits for a writer, for ever; Windows has no such flag.
    file = await fs.promises.open(path, fs.constants.O_RDONLY | (fs.constants.O_NONBLOCK ?? 0));
    if (!(await file.stat()).isFile()) throw notAFile(what);
    return await readUpTo(file, what);
  } catch (error) {
    throw isSecretError(error) ? error : failureOf(error, what, scope);
  } finally {
    await file?.close();
  }
}

/** The most that a Kubernetes Secret can hold. */
const maxBytes = 1_048_576;

/** The size that `stat` tells is not trusted: it is 0 for files of /proc, and the file may grow. */
async function readUpTo(file: FileHandle, what: string): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  for (let total = 0; total <= maxBytes; ) {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(65_536), 0, 65_536, null);
    // Concatenated, small content would lie in the shared pool of Buffer.
    if (bytesRead === 0) return new Uint8Array(Buffer.concat(chunks));
    chunks.push(buffer.subarray(0, bytesRead));
    total += bytesRead;
  }
  throw new SecretError("INVALID_VALUE", `${what} is larger than 1 MiB`, {
    reason: "too-large",
    tip: "No secret is that large: check the path.",
  });
}

function notAFile(what: string): SecretError {
  return new SecretError("INVALID_VALUE", `${what} is a directory, a pipe or a device`, {
    reason: "not-a-file",
    tip: "Use a regular file; read a directory of secrets with the file adapter.",
  });
}

function failureOf(cause: unknown, what: string, scope: "path" | "provider"): SecretError {
  if (isDenial(cause)) {
    return new SecretError("PERMISSION_DENIED", `${what} is not readable by this process`, {
      reason: "file-permission",
      tip: isRuntimeDenial(cause)
        ? runtimeTip("that file")
        : "Give the user of this process read permission; in a pod, set fsGroup or defaultMode.",
    });
  }
  switch (errnoOf(cause)) {
    case "ENOENT":
    case "ENOTDIR":
      return new SecretError("UNAVAILABLE", `${what} does not exist`, {
        reason: "file-missing",
        scope,
        tip: "Check that it is mounted, and that the variable contains a path, not the value itself.",
      });
    case "EISDIR":
    case "ENXIO":
      return notAFile(what);
    default:
      return new SecretError("UNAVAILABLE", `${what} cannot be read`, {
        reason: "file-unreadable",
        scope,
        cause,
        tip: "Check the path and the file system.",
      });
  }
}
