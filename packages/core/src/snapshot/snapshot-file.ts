import { randomBytes } from "node:crypto";
import { constants, lstatSync, readdirSync, renameSync, rmSync, statSync } from "node:fs";
import { open } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { SecretError } from "../error/secret-error.ts";
import { refused } from "./refused.ts";

/** The maximum size: far more than a thousand secrets need, and far less than the memory of a machine. */
const mostBytes = 64 * 1024 * 1024;
/** The mode bits for all other users. Group access is allowed, because Kubernetes gives volumes to a group (`fsGroup`). */
const byOthers = 0o007;
const writtenByOthers = 0o002;

/**
 * Returns the text of a snapshot file, or undefined if it does not exist.
 * @throws {SecretError} INVALID_VALUE for a file that is refused, and UNAVAILABLE for one that cannot be read
 */
export async function readSnapshotFile(path: string): Promise<string | undefined> {
  try {
    checkDirectory(path);
    // Without O_NONBLOCK, opening a FIFO would block.
    const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      const { mode, size } = await file.stat().then((stat) => {
        if (!stat.isFile()) throw noFile();
        return stat;
      });
      if ((mode & byOthers) !== 0) throw permissions("can be read by everybody on this machine", "Run chmod 600");
      if (size > mostBytes) throw tooLarge();
      return await file.readFile("utf8");
    } finally {
      await file.close();
    }
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    throw codeOf(error) === "ELOOP" ? noFile() : fileError(error, "read");
  }
}

/**
 * Replaces the snapshot file atomically: a reader sees the old text or the new one, even if the machine stops.
 * @param isWanted called synchronously right before the replacement; returns whether the text may still be written
 * @throws {SecretError} INVALID_VALUE or UNAVAILABLE
 */
export async function writeSnapshotFile(path: string, text: string, isWanted: () => boolean): Promise<void> {
  const bytes = Buffer.from(text);
  if (bytes.byteLength > mostBytes) throw tooLarge();
  const temporary = `${path}.${randomBytes(4).toString("hex")}.tmp`;
  try {
    checkDirectory(path);
    checkTarget(path);
    removeLeftovers(path);
    const file = await open(temporary, "wx", 0o600);
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    if (isWanted()) renameSync(temporary, path);
    await syncDirectory(path);
  } catch (error) {
    throw fileError(error, "written");
  } finally {
    rmSync(temporary, { force: true });
  }
}

/**
 * Removes the snapshot file and leftover temporary files, synchronously.
 * @throws {SecretError} UNAVAILABLE
 */
export function removeSnapshotFile(path: string): void {
  try {
    removeLeftovers(path);
    rmSync(path, { force: true });
  } catch (error) {
    if (codeOf(error) !== "ENOENT") throw fileError(error, "removed");
  }
}

/** Removes the temporary files of processes that ended while they wrote. */
function removeLeftovers(path: string): void {
  const prefix = `${basename(path)}.`;
  const leftovers = readdirSync(dirname(path)).filter(
    (name) => name.startsWith(prefix) && /^[0-9a-f]{8}\.tmp$/.test(name.slice(prefix.length)),
  );
  for (const name of leftovers) rmSync(join(dirname(path), name), { force: true });
}

function checkDirectory(path: string): void {
  if ((statSync(dirname(path)).mode & writtenByOthers) !== 0)
    throw permissions(
      "is in a directory that everybody on this machine can write to",
      "Create a directory for it alone",
    );
}

/** Refuses anything but a regular file: a link would be replaced, or could lead to a file that somebody else chose. */
function checkTarget(path: string): void {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found !== undefined && !found.isFile()) throw noFile();
}

async function syncDirectory(path: string): Promise<void> {
  const directory = await open(dirname(path), constants.O_RDONLY);
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

function permissions(what: string, how: string): SecretError {
  return refused("snapshot-permissions", what, `${how}: only this process should read and write it.`);
}

function noFile(): SecretError {
  return refused("snapshot-permissions", "is a link or not a regular file", "Specify the path of a regular file.");
}

function tooLarge(): SecretError {
  return refused(
    "snapshot-too-large",
    "is larger than 64 MiB",
    "List the secrets that are needed at startup in `only`.",
  );
}

function codeOf(error: unknown): unknown {
  return (error as { readonly code?: unknown } | undefined)?.code;
}

function fileError(error: unknown, verb: string): unknown {
  if (error instanceof SecretError) return error;
  return new SecretError("UNAVAILABLE", `the snapshot cannot be ${verb}: ${codeOf(error) ?? "unknown"}`, {
    reason: "snapshot-file",
    tip: "Check that its directory exists, that this user may write there, and that there is space left.",
    cause: error,
  });
}
