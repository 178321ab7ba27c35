import { join } from "node:path";
import type { Finding } from "@tacit/core/provider";
import type { FileSystem } from "./file-system.ts";
import { entriesOf, exists, isDirectory, statsOf } from "./glimpse.ts";
import { looksLikeVolume } from "./place.ts";

/** What is wrong with the directory that a volume's writer keeps, or kept. */
export function layoutFindings(fileSystem: FileSystem, directory: string): readonly Finding[] {
  const names = entriesOf(fileSystem, directory);
  if (!looksLikeVolume(names)) return [];
  if (!exists(fileSystem, join(directory, "..data"))) return [incomplete(directory)];
  const findings: Finding[] = names.includes("..data_tmp") ? [blocked(directory)] : [];
  const beside = names.filter((name) => !name.startsWith("..") && !isLink(fileSystem, join(directory, name)));
  if (beside.length > 0) findings.push(besideVolume(directory, beside));
  return findings;
}

/** Files that every user of the container may read, told once for a directory. The kubelet's own default is such a mode. */
export function modeFindings(fileSystem: FileSystem, directory: string): readonly Finding[] {
  const isVolume = exists(fileSystem, join(directory, "..data"));
  const holder = isVolume ? join(directory, "..data") : directory;
  const open = entriesOf(fileSystem, holder)
    .slice(0, mostFiles)
    .filter((name) => !isDirectory(fileSystem, join(holder, name)) && isWorldReadable(fileSystem, join(holder, name)));
  if (open.length === 0) return [];
  return [
    {
      level: isVolume ? "info" : "warning",
      code: "world-readable",
      message: `every user of this system may read ${listed(open)} in "${directory}"`,
      tip: isVolume
        ? "Set defaultMode: 0400 of the volume, and securityContext.fsGroup of the pod where its user is not root."
        : "Take the right to read from others: chmod o-r, or agent-inject-perms of Vault Agent.",
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
    tip: "Its writer has stopped half-way, or the volume is being deleted: look at the events of the pod.",
  };
}

/** The kubelet makes this link anew for each write, and fails where one is left. */
function blocked(directory: string): Finding {
  return {
    level: "warning",
    code: "volume-blocked",
    message: `"${directory}" holds a left-over "..data_tmp"`,
    tip: "If it stays, the writer has died between two steps and cannot write any more: restart the pod.",
  };
}

function besideVolume(directory: string, names: readonly string[]): Finding {
  return {
    level: "warning",
    code: "beside-volume",
    message: `${listed(names)} in "${directory}" lies beside the volume, not behind its "..data": it does not change with the Secret`,
    tip: "Mount the whole Secret as a volume; a file that subPath mounts, or that a hand put there, is never updated.",
  };
}

function isLink(fileSystem: FileSystem, file: string): boolean {
  try {
    return fileSystem.lstatSync(file).isSymbolicLink();
  } catch {
    return true;
  }
}

/** Windows has no such modes: every file seems readable to all. */
function isWorldReadable(fileSystem: FileSystem, file: string): boolean {
  return process.platform !== "win32" && (Number(statsOf(fileSystem, file)?.mode ?? 0) & 0o004) !== 0;
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, mostListed).map((name) => JSON.stringify(name));
  return names.length > mostListed ? `${shown.join(", ")} and ${names.length - mostListed} more` : shown.join(", ");
}
