import type { Stats } from "node:fs";
import { join } from "node:path";
import type { SecretPayload } from "@tacit/core/provider";
import { denialTip } from "../denial-tip.ts";
import { errnoOf, holdsVolumesError, isAbsence, outsideRootError, toFileError, tooManyFilesError } from "../failure.ts";
import { type FileSystem, noFollow } from "../file-system.ts";
import { isInside, looksLikeVolume } from "../place.ts";
import { readFileLater } from "../read-file.ts";

/** What reading plain files needs. */
export interface PlainReading {
  readonly fileSystem: FileSystem;
  readonly root: string;
  readonly maxBytes: number;
  readonly followExternalLinks: boolean;
}

/** One read, not yet settled. */
export interface PlainSnapshot {
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
const mostTurns = 4;

/** Reads a plain file, or all files of a plain directory, once. */
export async function readPlain(reading: PlainReading, file: string, path: string): Promise<PlainSnapshot> {
  const { realFile, content } = await readOne(reading, file, path);
  if (content !== undefined) {
    const { bytes, stats } = content;
    return { payload: { kind: "value", bytes }, ...timesOf([stats]), hasTemporaryName: false };
  }
  const found: Found = { files: [], directories: [] };
  const isVolume = await list(reading, realFile, "", found, path);
  if (isVolume) return { payload: "volume", changedMs: 0, touchedMs: 0, hasTemporaryName: false };
  const contents = await inParallel(found.files, ({ file, key }) => readField(reading, file, join(path, key)));
  const fields = new Map<string, Uint8Array>();
  for (const [index, { key }] of found.files.entries()) {
    const bytes = contents[index]?.bytes;
    if (bytes !== undefined) fields.set(key, bytes);
  }
  const times = timesOf([...found.directories, ...contents.flatMap((each) => each?.stats ?? [])]);
  const hasTemporaryName = found.files.some(({ key }) => temporary.test(key));
  return { payload: fields.size === 0 ? undefined : { kind: "fields", fields }, ...times, hasTemporaryName };
}

/** What Go's os.CreateTemp makes: a random number of 32 bits, behind a prefix where the AWS provider of the CSI driver writes. */
const temporary = /(^|\/)\d+$|\d{6,10}$/;

/** Left behind by Vault Agent, consul-template and editors, next to the file that they belong to. */
const leftover = /\.bak$|\.tmp\./;

interface Found {
  readonly files: { readonly file: string; readonly key: string }[];
  readonly directories: Stats[];
}

async function list(
  reading: PlainReading,
  directory: string,
  prefix: string,
  found: Found,
  path: string,
): Promise<boolean> {
  const { promises } = reading.fileSystem;
  if (prefix.split("/").length > deepest) throw tooManyFilesError(path);
  found.directories.push(await promises.lstat(directory));
  const entries = await promises.readdir(directory, { withFileTypes: true });
  if (looksLikeVolume(entries.map(({ name }) => name))) {
    if (prefix === "") return true;
    throw holdsVolumesError(path);
  }
  for (const entry of entries) {
    if (entry.name.startsWith("..") || leftover.test(entry.name)) continue;
    const file = join(directory, entry.name);
    const key = prefix + entry.name;
    if (entry.isDirectory()) await list(reading, file, `${key}/`, found, path);
    else found.files.push({ file, key });
    if (found.files.length > mostFiles) throw tooManyFilesError(path);
  }
  return false;
}

/** A link that dangles, or a file that vanished since the listing, is no field. */
async function readField(reading: PlainReading, file: string, path: string): ReturnType<typeof readFileLater> {
  try {
    return (await readOne(reading, file, path)).content;
  } catch (error) {
    if (isAbsence(error)) return undefined;
    throw error;
  }
}

/** A file may become a link while it is read, as when the CSI driver takes a directory over: it is resolved anew then. */
async function readOne(
  reading: PlainReading,
  file: string,
  path: string,
): Promise<{ readonly realFile: string; readonly content: Awaited<ReturnType<typeof readFileLater>> }> {
  const { fileSystem, maxBytes } = reading;
  for (let turns = 1; ; turns += 1) {
    const realFile = await resolveInside(reading, file, path);
    try {
      return {
        realFile,
        content: await readFileLater(fileSystem, { file: realFile, path, maxBytes, flags: noFollow }),
      };
    } catch (error) {
      const hasTurned = errnoOf(error) === "ELOOP" && turns < mostTurns;
      if (!hasTurned) throw isAbsence(error) ? error : toFileError(error, path, denialOf(error, fileSystem, realFile));
    }
  }
}

function denialOf(error: unknown, fileSystem: FileSystem, file: string): string | undefined {
  return errnoOf(error) === "EACCES" ? denialTip(fileSystem, file) : undefined;
}

/** The real path of a file; what is opened is never a link, so it cannot be turned to somewhere else in between. */
async function resolveInside(reading: PlainReading, file: string, path: string): Promise<string> {
  const { promises } = reading.fileSystem;
  const target = await promises.realpath(file);
  if (reading.followExternalLinks) return target;
  if (!isInside(await promises.realpath(reading.root), target)) throw outsideRootError(path);
  return target;
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
