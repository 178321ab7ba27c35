import { constants } from "node:fs";
import { join } from "node:path";
import type { Finding } from "@tacit/core/provider";
import { unusedAccountToken } from "../shared/findings.ts";
import { denialTip } from "./denial-tip.ts";
import type { FileSystem } from "./file-system.ts";
import { entriesOf, exists, isDirectory } from "./glimpse.ts";
import { layoutFindings, modeFindings } from "./layout-findings.ts";
import { isInside, looksLikeVolume, type Surroundings } from "./place.ts";
import { isOwnMount, staticMountTip } from "./static-mount.ts";
import { DirectoryWatch } from "./watch/directory-watch.ts";
import { limitTip } from "./watch/shared-watch.ts";

/** Looks at the layout, not at the values. The volume of a Kubernetes Secret with `defaultMode: 0400`, read-only and on tmpfs, has no finding. */
export function diagnose(surroundings: Surroundings): readonly Finding[] {
  const { fileSystem, root } = surroundings;
  if (!fileSystem.statSync(root, { throwIfNoEntry: false })?.isDirectory()) return [missingRoot(root)];
  const volumes = volumesIn(fileSystem, root);
  const findings = [
    ...volumes.flatMap((directory) => [
      ...layoutFindings(fileSystem, directory),
      ...volumeFindings(fileSystem, directory),
    ]),
    ...volumes.flatMap((directory) => modeFindings(fileSystem, directory)),
    ...volumes.flatMap((directory) => keysIn(fileSystem, directory)).flatMap((file) => keyFindings(fileSystem, file)),
    ...watchFindings(fileSystem, root),
    ...(mayHoldAccount(root) ? [] : unusedAccountToken((file) => exists(fileSystem, file))),
  ];
  return findings.slice(0, mostFindings);
}

/** A report that nobody reads to its end helps nobody. */
const mostFindings = 50;
const mostDirectories = 1000;
const mostKeys = 1000;

/** The root itself, and the directories right below it that are volumes. */
function volumesIn(fileSystem: FileSystem, root: string): readonly string[] {
  const below = entriesOf(fileSystem, root).filter((name) => !name.startsWith(".."));
  const candidates = below.slice(0, mostDirectories).map((name) => join(root, name));
  const isVolume = (directory: string): boolean => looksLikeVolume(entriesOf(fileSystem, directory));
  return [root, ...candidates.filter((candidate) => isDirectory(fileSystem, candidate) && isVolume(candidate))];
}

function keysIn(fileSystem: FileSystem, directory: string): readonly string[] {
  const holder = exists(fileSystem, join(directory, "..data")) ? join(directory, "..data") : directory;
  const keys = entriesOf(fileSystem, holder).map((name) => join(holder, name));
  return keys.filter((key) => !isDirectory(fileSystem, key)).slice(0, mostKeys);
}

function volumeFindings(fileSystem: FileSystem, directory: string): readonly Finding[] {
  const findings: Finding[] = [];
  if (!isInMemory(fileSystem, directory)) {
    findings.push({
      level: "warning",
      code: "not-in-memory",
      message: `"${directory}" lies on a disk`,
      tip: "Kubernetes keeps Secret volumes on tmpfs; for others use emptyDir with medium: Memory, so that no disk holds a secret.",
    });
  }
  if (isAllowed(fileSystem, directory, constants.W_OK)) {
    findings.push({
      level: "warning",
      code: "writable-directory",
      message: `this process can write "${directory}"`,
      tip: "Mount it with readOnly: true, so that a hole in the application cannot change its secrets.",
    });
  }
  return findings;
}

function keyFindings(fileSystem: FileSystem, file: string): readonly Finding[] {
  if (!exists(fileSystem, file)) return [];
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
      message: `"${file}" is mounted by itself and never changes while the container runs`,
      tip: staticMountTip,
    });
  }
  return findings;
}

function watchFindings(fileSystem: FileSystem, root: string): readonly Finding[] {
  const watch = new DirectoryWatch(fileSystem, root, () => undefined);
  const { failure } = watch;
  watch.close();
  if (failure === undefined) return [];
  return [
    { level: "warning", code: failure, message: `changes below "${root}" are not told by the system`, tip: limitTip },
  ];
}

/** Kubernetes mounts the files of a service account below, and /var/run is a link to /run on most systems. */
function mayHoldAccount(root: string): boolean {
  return isInside("/var/run/secrets", root) || isInside("/run/secrets", root);
}

function missingRoot(root: string): Finding {
  return {
    level: "error",
    code: "root-not-found",
    message: `the root "${root}" is not a directory that exists`,
    tip: 'Check the mount and the option "root"; a relative one counts from the working directory.',
  };
}

/** TMPFS_MAGIC and RAMFS_MAGIC of statfs(2). Where there is no such thing, nothing is said. */
const memoryTypes: readonly number[] = [0x01021994, 0x858458f6];

function isInMemory(fileSystem: FileSystem, directory: string): boolean {
  if (process.platform !== "linux") return true;
  try {
    return memoryTypes.includes(fileSystem.statfsSync(directory).type);
  } catch {
    return true;
  }
}

/** The system itself is asked: it knows read-only mounts, groups and capabilities. */
function isAllowed(fileSystem: FileSystem, file: string, mode: number): boolean {
  try {
    fileSystem.accessSync(file, mode);
    return true;
  } catch {
    return false;
  }
}
