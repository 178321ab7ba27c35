import type { Dirent, Stats } from "node:fs";
import type { SecretPayload } from "@tacit/core/provider";
import type { FilesContext } from "../context.ts";
import { denialTip } from "../denial-tip.ts";
import { errnoOf, isAbsence, notAFileError, outsideRootError, toFileError, tooManyFilesError } from "../errors.ts";
import { type FileSystem, lookAt, noFollow } from "../file-system.ts";
import { resolveInside } from "../location.ts";
import { readFileNow } from "../read-file.ts";
import type { VolumeSnapshot } from "./volume-snapshot.ts";

/** The content of a path in a tree, before the snapshot is verified. */
export interface TreeContent {
  /** Absent if the path does not exist, or contains only empty directories. */
  readonly payload?: SecretPayload;
  /** Whether the tree may be in the process of deletion. */
  readonly touched: boolean;
}

/** Far above the 10,000 keys for which performance is tested. A directory with more files is not a secret. */
const mostFiles = 100_000;
const deepest = 32;

/**
 * Reads a file of a published tree as a value, or a directory as fields.
 * @throws {SecretError} INVALID_VALUE, PERMISSION_DENIED or UNAVAILABLE; ENOENT for a directory that is removed during the read
 */
export function readTree(
  context: FilesContext,
  snapshot: VolumeSnapshot,
  rest: readonly string[],
  path: string,
): TreeContent | Promise<TreeContent> {
  const file = rest.length === 0 ? snapshot.tree : `${snapshot.tree}/${rest.join("/")}`;
  const pause = rest.length === 0 ? undefined : context.budget.take();
  if (pause === undefined) return readAt(context, snapshot, rest, file, path);
  return pause.then(() => readAt(context, snapshot, rest, file, path));
}

function readAt(
  context: FilesContext,
  snapshot: VolumeSnapshot,
  rest: readonly string[],
  file: string,
  path: string,
): TreeContent | Promise<TreeContent> {
  if (rest.length > 0) {
    assertNoLinkOnTheWay(context, snapshot, rest, path);
    const bytes = readEntry(context, file, path);
    if (bytes === "absent") return { touched: snapshot.isTouched() };
    if (bytes !== "directory") return { payload: { kind: "value", bytes }, touched: false };
  }
  return readFields(context, snapshot, file, path);
}

async function readFields(
  context: FilesContext,
  snapshot: VolumeSnapshot,
  file: string,
  path: string,
): Promise<TreeContent> {
  const fields = new Map<string, Uint8Array>();
  const touched = await collect({ context, snapshot, path, fields }, file, "", 0);
  return fields.size === 0 ? { touched } : { payload: { kind: "fields", fields }, touched };
}

interface Collection {
  readonly context: FilesContext;
  readonly snapshot: VolumeSnapshot;
  readonly path: string;
  readonly fields: Map<string, Uint8Array>;
}

/** Adds the files of a directory tree to the fields. Returns whether a directory was changed after the publication. */
async function collect(collection: Collection, directory: string, prefix: string, depth: number): Promise<boolean> {
  const { context, snapshot, path, fields } = collection;
  const { fileSystem, budget } = context;
  if (depth > deepest) throw tooManyFilesError(path);
  let touched =
    depth === 0 && directory === snapshot.tree
      ? snapshot.isTouched()
      : snapshot.isTouched(fileSystem.lstatSync(directory));
  for (const entry of entriesOf(fileSystem, directory, path)) {
    const key = prefix + entry.name;
    const file = `${directory}/${entry.name}`;
    if (!entry.isDirectory()) {
      const pause = budget.take();
      if (pause) await pause;
      const bytes = readEntry(context, file, path === "." ? key : `${path}/${key}`);
      if (bytes === "directory") throw outsideRootError(key);
      if (bytes === "absent") touched = true;
      else fields.set(key, bytes);
      if (fields.size > mostFiles) throw tooManyFilesError(path);
    } else if (await collect(collection, file, `${key}/`, depth + 1)) touched = true;
  }
  return touched;
}

function entriesOf(fileSystem: FileSystem, directory: string, path: string): Dirent[] {
  try {
    return fileSystem.readdirSync(directory, { withFileTypes: true });
  } catch (error) {
    if (isAbsence(error)) throw error;
    throw toFileError(error, path, denialTip(fileSystem, directory));
  }
}

/** Checks that no directory of a nested key is a link, since the kubelet creates none. @throws {SecretError} INVALID_VALUE `outside-root` */
function assertNoLinkOnTheWay(
  context: FilesContext,
  snapshot: VolumeSnapshot,
  rest: readonly string[],
  path: string,
): void {
  let directory = snapshot.tree;
  for (const segment of rest.slice(0, -1)) {
    directory = `${directory}/${segment}`;
    const stats = lookAt(context.fileSystem, directory);
    if (stats?.isSymbolicLink() && !context.followExternalLinks) throw outsideRootError(path);
  }
}

function readEntry(context: FilesContext, file: string, path: string): Uint8Array | "absent" | "directory" {
  const { fileSystem, maxBytes } = context;
  const flags = context.followExternalLinks ? 0 : noFollow;
  try {
    return readFileNow(fileSystem, { file, path, maxBytes, flags })?.bytes ?? "directory";
  } catch (error) {
    if (isAbsence(error)) return "absent";
    if (errnoOf(error) === "ELOOP") return readLinked(context, file, path, error);
    throw toFileError(error, path, denialTip(fileSystem, file));
  }
}

/** Reads the target of a link. The kubelet creates no links within a tree, so a link must lead to a file below the root. */
function readLinked(context: FilesContext, file: string, path: string, loop: unknown): Uint8Array | "absent" {
  const { fileSystem, maxBytes } = context;
  const stats: Stats | undefined = lookAt(fileSystem, file);
  if (stats === undefined) return "absent";
  if (!stats.isSymbolicLink()) throw toFileError(loop, path);
  try {
    const target = resolveInside({ ...context, followExternalLinks: false }, file, path);
    const content = readFileNow(fileSystem, { file: target, path, maxBytes, flags: noFollow });
    if (content === undefined) throw notAFileError(path);
    return content.bytes;
  } catch (error) {
    if (isAbsence(error)) return "absent";
    throw toFileError(error, path);
  }
}
