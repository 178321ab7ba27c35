import { constants } from "node:fs";
import { join } from "node:path";
import type { Finding } from "@tacit/core/provider";
import type { FilesContext } from "./context.ts";
import { closedTip, denialTip } from "./denial-tip.ts";
import type { FileSystem } from "./file-system.ts";
import { layoutFindings, modeFindings } from "./layout-findings.ts";
import { holdsVolume, staysInside } from "./location.ts";
import { isOwnMount, staticMountTip } from "./own-mount.ts";
import { entriesOf, isDirectory, probe } from "./probe.ts";
import { DirectoryWatch } from "./watch/directory-watch.ts";
import { limitTip } from "./watch/watch-pool.ts";

/** Returns findings about the layout and permissions below the root; reads no values. A read-only Secret volume with `defaultMode: 0400` on tmpfs has none. */
export function diagnoseFiles(context: FilesContext): readonly Finding[] {
  const { fileSystem, root } = context;
  if (!isDirectory(probe(fileSystem, root))) return [missingRoot(root)];
  const directories = secretDirectories(context);
  const open = directories.filter((directory) => !isClosed(fileSystem, directory));
  const findings = [
    ...directories.flatMap((directory) =>
      isClosed(fileSystem, directory) ? [closedFinding(fileSystem, directory)] : layoutFindings(fileSystem, directory),
    ),
    ...open.flatMap((directory) => volumeFindings(fileSystem, directory)),
    ...open.flatMap((directory) => modeFindings(fileSystem, directory)),
    ...open.flatMap((directory) => keysIn(fileSystem, directory)).flatMap((file) => keyFindings(fileSystem, file)),
    ...watchFindings(context),
  ];
  return findings.slice(0, mostFindings);
}

/** Keeps the report readable. */
const mostFindings = 50;
const mostDirectories = 1000;
const mostKeys = 1000;

/** Returns the root, and the directories at any depth that contain a volume or a copy of one, or that may not be listed. */
function secretDirectories(context: FilesContext): readonly string[] {
  const { fileSystem, root } = context;
  const found: string[] = [root];
  const seen = new Set<string>();
  const waiting = [root];
  for (let directory = waiting.shift(); directory !== undefined; directory = waiting.shift()) {
    const names = entriesOf(fileSystem, directory);
    if (names === "closed") continue;
    for (const name of names) {
      if (name.startsWith("..") || seen.size > mostDirectories) continue;
      const below = join(directory, name);
      const stats = probe(fileSystem, below);
      if (!isDirectory(stats) || seen.has(`${stats.dev} ${stats.ino}`) || !staysInside(context, below)) continue;
      seen.add(`${stats.dev} ${stats.ino}`);
      waiting.push(below);
      const inner = entriesOf(fileSystem, below);
      const isOfInterest = inner === "closed" || inner.includes("..data") || holdsVolume(fileSystem, below, inner);
      if (isOfInterest || isClosed(fileSystem, below)) found.push(below);
    }
  }
  return found;
}

/** Returns whether listing a directory, or `stat` of its entries, is denied. */
function isClosed(fileSystem: FileSystem, directory: string): boolean {
  const names = entriesOf(fileSystem, directory);
  return names === "closed" || names.slice(0, 1).some((name) => probe(fileSystem, join(directory, name)) === "closed");
}

function closedFinding(fileSystem: FileSystem, directory: string): Finding {
  const stats = probe(fileSystem, directory);
  return {
    level: "error",
    code: "directory-closed",
    message: `this process may not list "${directory}"`,
    tip: isDirectory(stats)
      ? closedTip(directory, stats)
      : "Give this process's user the right to enter and list the directory.",
  };
}

function keysIn(fileSystem: FileSystem, directory: string): readonly string[] {
  const isVolume = isDirectory(probe(fileSystem, join(directory, "..data")));
  const holder = isVolume ? join(directory, "..data") : directory;
  const names = entriesOf(fileSystem, holder);
  if (names === "closed") return [];
  const keys = names.filter((name) => !name.startsWith("..")).map((name) => join(holder, name));
  return keys.filter((key) => !isDirectory(probe(fileSystem, key))).slice(0, mostKeys);
}

function volumeFindings(fileSystem: FileSystem, directory: string): readonly Finding[] {
  const findings: Finding[] = [];
  if (!isInMemory(fileSystem, directory)) {
    findings.push({
      level: "warning",
      code: "not-in-memory",
      message: `"${directory}" is on a disk`,
      tip: "Kubernetes keeps Secret volumes on tmpfs; otherwise use emptyDir with medium: Memory, so that no secret is stored on disk.",
    });
  }
  if (isAllowed(fileSystem, directory, constants.W_OK)) {
    findings.push({
      level: "warning",
      code: "writable-directory",
      message: `this process can write "${directory}"`,
      tip: "Mount it with readOnly: true, so that a vulnerability in the application cannot change its secrets.",
    });
  }
  return findings;
}

function keyFindings(fileSystem: FileSystem, file: string): readonly Finding[] {
  if (probe(fileSystem, file) === "missing") return [];
  const findings: Finding[] = [];
  if (!isAllowed(fileSystem, file, constants.R_OK)) {
    findings.push({
      level: "error",
      code: "key-unreadable",
      message: `this process may not read "${file}"`,
      tip: denialTip(fileSystem, file) ?? "Give this process's user the right to read it.",
    });
  }
  if (isOwnMount(fileSystem, file)) {
    findings.push({
      level: "warning",
      code: "static-mount",
      message: `"${file}" is mounted as a single file and never changes while the container runs`,
      tip: staticMountTip,
    });
  }
  return findings;
}

function watchFindings(context: FilesContext): readonly Finding[] {
  const watch = new DirectoryWatch(context, context.root, () => undefined);
  const { failure } = watch;
  watch.close();
  if (failure === undefined) return [];
  const message = `the system does not report changes below "${context.root}"`;
  return [{ level: "warning", code: failure, message, tip: limitTip }];
}

function missingRoot(root: string): Finding {
  return {
    level: "error",
    code: "root-not-found",
    message: `the root "${root}" is not an existing directory`,
    tip: 'Check the mount and the option "root"; a relative path is resolved against the working directory.',
  };
}

/** TMPFS_MAGIC and RAMFS_MAGIC of statfs(2). On other systems than Linux there is no finding. */
const memoryTypes: readonly number[] = [0x01021994, 0x858458f6];

function isInMemory(fileSystem: FileSystem, directory: string): boolean {
  if (process.platform !== "linux") return true;
  try {
    return memoryTypes.includes(fileSystem.statfsSync(directory).type);
  } catch {
    return true;
  }
}

/** Returns whether the system allows access, which considers read-only mounts, groups and capabilities. */
function isAllowed(fileSystem: FileSystem, file: string, mode: number): boolean {
  try {
    fileSystem.accessSync(file, mode);
    return true;
  } catch {
    return false;
  }
}
