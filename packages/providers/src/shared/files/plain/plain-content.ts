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

/** The content of a plain path as read once, not yet settled. */
export interface PlainContent {
  /** Absent where nothing is there; `volume` where the kubelet's writer is at work. */
  readonly payload: SecretPayload | "volume" | undefined;
  /** When the content was last written, milliseconds since the epoch. */
  readonly changedMs: number;
  /** The same, but renames and changes of mode or owner count too. */
  readonly touchedMs: number;
  /** Whether it holds a file whose name ends as somebody's temporary file does. */
  readonly hasTemporaryName: boolean;
}

const mostFiles = 10_000;
const deepest = 16;
const parallel = 16;

/**
 * Reads a plain file, or all files of a plain directory, once. The root is resolved once for all of them; where something lies outside
 * of it because the root is a link that was turned meanwhile, everything is read again.
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

/** Collects the files of a directory and of those below it; whether it is a volume instead. */
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
    // At the top of an ext4 file system, for root alone.
    if (name === "lost+found" && directory === context.realRoot) continue;
    const key = prefix + name;
    if (entry.isDirectory()) await list(context, join(directory, name), `${key}/`, found, path).catch(unlessAbsent);
    // A socket has no content; a FIFO may be meant for a secret, which is told.
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

/** A directory that vanished since the listing holds nothing. */
function unlessAbsent(error: unknown): void {
  if (!isAbsence(error)) throw error;
}

/** A link that dangles or leads in a circle, or a file that vanished since the listing, is no field. */
async function readField(
  context: RootedContext,
  entry: Dirent,
  file: string,
  path: string,
): Promise<FileContent | undefined> {
  try {
    // The directory has been resolved, so there is no link on the way to a file in it.
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

/** Reads a file behind its links. One may become a link meanwhile, as when the CSI driver takes a directory over: it is resolved anew. */
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
 * Reads a file that was resolved before. `turned`: its name is a link by now, which is not followed. `outside`: the system says that the
 * open file lies outside the root, because a directory on the way was swapped for a link or was moved.
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

/** Sixteen at a time: the thread pool is shared with the rest of the process. */
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
 * Whether a name in a plain directory is no secret but left there by a program, for a moment or for good: backups and temporary
 * files of Vault Agent, consul-template and agenix, of vim, Emacs and other editors, of rsync beside the file that it replaces,
 * of NFS for a file that is open while it is deleted, and of the macOS Finder.
 */
export function isLeftover(name: string, hasSibling: (name: string) => boolean): boolean {
  if (/\.bak$|\.tmp\.|\.tmp$|~$|^#.*#$|^\.#|^\..*\.sw[a-z]$|^\.nfs[0-9a-f]+$|^\.DS_Store$/.test(name)) return true;
  const [, replaced] = /^\.(.+)\.[A-Za-z0-9]{6}$/.exec(name) ?? [];
  return replaced !== undefined && hasSibling(replaced);
}

/**
 * Whether a name may be one that a writer is about to rename: those of Go's os.CreateTemp, a random number of 32 bits, behind a prefix
 * where the AWS provider of the CSI driver writes; and those of rsync.
 */
function isTemporary(name: string): boolean {
  return /^\d+$|\d{6,10}$|^\..+\.[A-Za-z0-9]{6}$/.test(name);
}
