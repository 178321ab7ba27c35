import { join } from "node:path";
import type { Finding } from "@tacit/core/provider";
import type { FileSystem } from "./file-system.ts";
import { lookAt } from "./file-system.ts";
import { holdsVolume } from "./location.ts";
import { entriesOf, isDirectory, probe } from "./probe.ts";

/** Returns findings about the layout of a volume, or of a copy of one. */
export function layoutFindings(fileSystem: FileSystem, directory: string): readonly Finding[] {
  const names = namesIn(fileSystem, directory);
  if (!holdsVolume(fileSystem, directory, names)) return names.includes("..data") ? [copied(directory)] : [];
  if (probe(fileSystem, join(directory, "..data")) === "missing") return [incomplete(directory)];
  const findings: Finding[] = names.includes("..data_tmp") ? [blocked(directory)] : [];
  const beside = names.filter((name) => !name.startsWith("..") && isBeside(fileSystem, join(directory, name)));
  if (beside.length > 0) findings.push(besideVolume(directory, beside));
  return findings;
}

/** Returns at most one finding about the files of a directory that every user may read, as with the default mode of the kubelet. */
export function modeFindings(fileSystem: FileSystem, directory: string): readonly Finding[] {
  const isVolume = isDirectory(probe(fileSystem, join(directory, "..data")));
  const holder = isVolume ? join(directory, "..data") : directory;
  const open = namesIn(fileSystem, holder)
    .slice(0, mostFiles)
    .filter((name) => isWorldReadableFile(fileSystem, join(holder, name)));
  if (open.length === 0) return [];
  return [
    {
      level: isVolume ? "info" : "warning",
      code: "world-readable",
      message: `every user of this system may read ${listed(open)} in "${directory}"`,
      tip: isVolume
        ? "Set defaultMode: 0400 of the volume, and securityContext.fsGroup of the pod if its user is not root."
        : "Remove read permission for others: chmod o-r, or agent-inject-perms of Vault Agent.",
    },
  ];
}

const mostFiles = 1000;
const mostListed = 5;

function incomplete(directory: string): Finding {
  return {
    level: "error",
    code: "volume-incomplete",
    message: `"${directory}" is a volume without "..data", so nothing in it can be read`,
    tip: "Its writer stopped half-way, or the volume is being deleted: check the events of the pod.",
  };
}

/** Returns the finding of a left-over link. The kubelet creates it for each update, and fails if it exists. */
function blocked(directory: string): Finding {
  return {
    level: "warning",
    code: "volume-blocked",
    message: `"${directory}" contains a left-over "..data_tmp"`,
    tip: "If it remains, the writer died between two steps and can no longer write: restart the pod.",
  };
}

/** Returns the finding of a copy, as init containers, rsync and sshfs create it. */
function copied(directory: string): Finding {
  return {
    level: "warning",
    code: "copied-volume",
    message: `"${directory}" is a copy of a volume whose links were resolved: it does not change with the Secret`,
    tip: "Mount the volume itself, or repeat the copy after each change.",
  };
}

function besideVolume(directory: string, names: readonly string[]): Finding {
  return {
    level: "warning",
    code: "beside-volume",
    message: `${listed(names)} in "${directory}" is beside the volume, not in its "..data": it does not change with the Secret`,
    tip: "Mount the whole Secret as a volume; a file that was mounted with subPath or placed there by hand is never updated.",
  };
}

/** Returns whether a name is a file next to the links of a volume. Directories are excluded, since they may be mount points of other volumes. */
function isBeside(fileSystem: FileSystem, file: string): boolean {
  try {
    const stats = lookAt(fileSystem, file);
    return stats !== undefined && !stats.isSymbolicLink() && !stats.isDirectory();
  } catch {
    return false;
  }
}

/** Returns whether all users may read a file; false on Windows, whose modes do not show it. */
function isWorldReadableFile(fileSystem: FileSystem, file: string): boolean {
  const stats = probe(fileSystem, file);
  return (
    process.platform !== "win32" && typeof stats === "object" && !stats.isDirectory() && (stats.mode & 0o004) !== 0
  );
}

function namesIn(fileSystem: FileSystem, directory: string): readonly string[] {
  const names = entriesOf(fileSystem, directory);
  return names === "closed" ? [] : names;
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, mostListed).map((name) => JSON.stringify(name));
  return names.length > mostListed ? `${shown.join(", ")} and ${names.length - mostListed} more` : shown.join(", ");
}
