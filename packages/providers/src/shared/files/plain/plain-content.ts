import type { Dirent, Stats } from "node:fs";
import { basename, join } from "node:path";
import { isSecretError, type SecretPayload } from "@tacit/core/provider";
import type { FilesContext } from "../context.ts";
import { denialTip } from "../denial-tip.ts";
import {
  errnoOf,
  holdsVolumesError,
  isAbsence,
  outsideRootError,
  toFileError,
  tooManyFilesError,
  unsettledError,
} from "../errors.ts";
import { noFollow } from "../file-system.ts";
import { holdsVolume, isInside, mostTurns } from "../location.ts";
import { type FileContent, readFileLater } from "../read-file.ts";

/** The content of a plain path in a single read. */
export interface PlainContent {
  /** Undefined if nothing exists; `volume` if the directory has become a volume. */
  readonly payload: SecretPayload | "volume" | undefined;
  /** The time of the last write (mtime), in milliseconds since the epoch. */
  readonly changedMs: number;
  /** The time of the last change including renames and changes of mode or owner (ctime), in milliseconds since the epoch. */
  readonly touchedMs: number;
  /** Whether a file in it has a name like a temporary file. */
  readonly hasTemporaryName: boolean;
}

const mostFiles = 10_000;
const deepest = 16;
const parallel = 16;

/**
 * Reads a plain file, or all files of a plain directory, once. The root is resolved once for all files; if one of them is outside
 * because the root is a link that has changed in the meantime, everything is read again.
 * @throws {SecretError} INVALID_VALUE, PERMISSION_DENIED or UNAVAILABLE; ENOENT or ENOTDIR for a missing file
 */
export async function readPlain(context: FilesContext, file: string, path: string): Promise<PlainContent> {
  const { promises } = context.fileSystem;
  for (let turns = 1; ; turns++) {
    const realRoot = await promises.realpath(context.root);
    try {
      return await readBelow({ ...context, realRoot }, file, path);
    } catch (error) {
      if (!isSecretError(error) || error.reason !== "outside-root" || turns === mostTurns) throw error;
      if ((await promises.realpath(context.root)) === realRoot) throw error;
    }
  }
}

interface RootedContext extends FilesContext {
  readonly realRoot: string;
}

async function readBelow(context: RootedContext, file: string, path: string): Promise<PlainContent> {
  const { realFile, content } = await readOne(context, file, path);
  if (content !== undefined) {
    const { bytes, stats } = content;
    return { payload: { kind: "value", bytes }, ...timesOf([stats]), hasTemporaryName: false };
  }
  const found: Found = { files: [], directories: [] };
  const isVolume = await list(context, realFile, "", found, path);
  if (isVolume) return { payload: "volume", changedMs: 0, touchedMs: 0, hasTemporaryName: false };
  const contents = await inParallel(found.files, ({ entry, directory, key }) =>
    readField(context, entry, join(directory, entry.name), join(path, key)),
  );
  const fields = new Map<string, Uint8Array>();
  for (const [index, { key }] of found.files.entries()) {
    const bytes = contents[index]?.bytes;
    if (bytes !== undefined) fields.set(key, bytes);
  }
  const times = timesOf([...found.directories, ...contents.flatMap((each) => each?.stats ?? [])]);
  const hasTemporaryName = found.files.some(({ key }) => isTemporary(basename(key)));
  return { payload: fields.size === 0 ? undefined : { kind: "fields", fields }, ...times, hasTemporaryName };
}

interface Found {
  readonly files: { readonly entry: Dirent; readonly directory: string; readonly key: string }[];
  readonly directories: Stats[];
}

/** Collects the files of a directory tree. Returns whether the directory is a volume instead. */
async function list(
  context: RootedContext,
  directory: string,
  prefix: string,
  found: Found,
  path: string,
): Promise<boolean> {
  if (prefix.split("/").length > deepest) throw tooManyFilesError(path);
  const entries = await entriesOf(context, directory, found, join(path, prefix));
  const names = new Set(entries.map(({ name }) => name));
  if (holdsVolume(context.fileSystem, directory, [...names])) {
    if (prefix === "") return true;
    throw holdsVolumesError(path);
  }
  for (const entry of entries) {
    const { name } = entry;
    if (name.startsWith("..") || isLeftover(name, (sibling) => names.has(sibling))) continue;
    // ext4 creates this directory at its root, readable only by root.
    if (name === "lost+found" && directory === context.realRoot) continue;
    const key = prefix + name;
    if (entry.isDirectory()) await list(context, join(directory, name), `${key}/`, found, path).catch(unlessAbsent);
    // A socket is skipped; a FIFO causes an error, since it may be intended for a secret.
    else if (!entry.isSocket()) found.files.push({ entry, directory, key });
    if (found.files.length > mostFiles) throw tooManyFilesError(path);
  }
  return false;
}

async function entriesOf(
  { fileSystem }: RootedContext,
  directory: string,
  { directories }: Found,
  path: string,
): Promise<Dirent[]> {
  try {
    directories.push(await fileSystem.promises.lstat(directory));
    return await fileSystem.promises.readdir(directory, { withFileTypes: true });
  } catch (error) {
    if (isAbsence(error)) throw error;
    throw toFileError(error, path, denialTip(fileSystem, directory));
  }
}

/** Ignores a directory that has been removed since the listing. */
function unlessAbsent(error: unknown): void {
  if (!isAbsence(error)) throw error;
}

/** Reads a file as a field; returns undefined for a dangling or circular link, and for a file removed since the listing. */
async function readField(
  context: RootedContext,
  entry: Dirent,
  file: string,
  path: string,
): Promise<FileContent | undefined> {
  try {
    // The directory is resolved, so the path of a regular file in it contains no links.
    if (entry.isFile()) {
      const content = await readUnlinked(context, file, path);
      if (typeof content !== "string") return content;
    }
    return (await readOne(context, file, path)).content;
  } catch (error) {
    if (isAbsence(error) || (isSecretError(error) && error.reason === "link-loop")) return undefined;
    throw error;
  }
}

/** Resolves the links of a file and reads it; repeats both if it becomes a link in between, as when the CSI driver takes over a directory. */
async function readOne(
  context: RootedContext,
  file: string,
  path: string,
): Promise<{ readonly realFile: string; readonly content: FileContent | undefined }> {
  for (let turns = 1; ; turns++) {
    const realFile = await resolveInside(context, file, path);
    const content = await readUnlinked(context, realFile, path);
    if (typeof content !== "string") return { realFile, content };
    if (turns === mostTurns) throw content === "outside" ? outsideRootError(path) : unsettledError(path);
  }
}

/**
 * Reads a resolved file. Returns `turned` if its name has become a link, which is not followed; `outside` if the open file is outside the
 * root, because a directory of its path was replaced by a link or moved.
 */
async function readUnlinked(
  context: RootedContext,
  file: string,
  path: string,
): Promise<FileContent | undefined | "turned" | "outside"> {
  const { fileSystem, maxBytes, followExternalLinks, realRoot } = context;
  const inside = followExternalLinks ? undefined : realRoot;
  try {
    return await readFileLater(fileSystem, { file, path, maxBytes, flags: noFollow, inside });
  } catch (error) {
    if (errnoOf(error) === "ELOOP") return "turned";
    if (isSecretError(error) && error.reason === "outside-root") return "outside";
    if (isAbsence(error)) throw error;
    throw toFileError(error, path, denialTip(fileSystem, file));
  }
}

async function resolveInside(context: RootedContext, file: string, path: string): Promise<string> {
  const { fileSystem, followExternalLinks, realRoot } = context;
  let target: string;
  try {
    target = await fileSystem.promises.realpath(file);
  } catch (error) {
    if (isAbsence(error)) throw error;
    throw toFileError(error, path, denialTip(fileSystem, file));
  }
  if (followExternalLinks || isInside(realRoot, target)) return target;
  throw outsideRootError(path);
}

function timesOf(stats: readonly Stats[]): { readonly changedMs: number; readonly touchedMs: number } {
  const changedMs = Math.max(0, ...stats.map(({ mtimeMs }) => mtimeMs));
  return { changedMs, touchedMs: Math.max(changedMs, ...stats.map(({ ctimeMs }) => ctimeMs)) };
}

/** Runs at most 16 calls at a time, since the thread pool is shared with the rest of the process. */
async function inParallel<T, R>(items: readonly T[], run: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = new Array(items.length);
  const queue = items.entries();
  const work = async (): Promise<void> => {
    for (const [index, item] of queue) results[index] = await run(item);
  };
  await Promise.all(Array.from({ length: Math.min(parallel, items.length) }, work));
  return results;
}

/**
 * Returns whether a name in a plain directory belongs to a backup or temporary file: of Vault Agent, consul-template and agenix;
 * of vim, Emacs and other editors; of rsync, next to the file that it replaces; of NFS, for a deleted file that is still open; of
 * the macOS Finder.
 */
export function isLeftover(name: string, hasSibling: (name: string) => boolean): boolean {
  if (/\.bak$|\.tmp\.|\.tmp$|~$|^#.*#$|^\.#|^\..*\.sw[a-z]$|^\.nfs[0-9a-f]+$|^\.DS_Store$/.test(name)) return true;
  const [, replaced] = /^\.(.+)\.[A-Za-z0-9]{6}$/.exec(name) ?? [];
  return replaced !== undefined && hasSibling(replaced);
}

/**
 * Returns whether a writer may be about to rename a file of this name: a name of Go's os.CreateTemp, which is a random 32-bit number
 * (with a prefix for the AWS provider of the CSI driver), or a name of rsync.
 */
function isTemporary(name: string): boolean {
  return /^\d+$|\d{6,10}$|^\..+\.[A-Za-z0-9]{6}$/.test(name);
}
