import type { FileSystem } from "./file-system.ts";

/**
 * Returns whether a file is a mount of its own, as with `subPath` and Docker. It keeps its inode, and therefore its content,
 * even if the Secret changes (kubernetes#50345). Always false without /proc.
 */
export function isOwnMount(fileSystem: FileSystem, file: string): boolean {
  try {
    const real = fileSystem.realpathSync(file);
    const mounts = fileSystem.readFileSync("/proc/self/mountinfo", "utf8");
    return mounts.split("\n").some((line) => unescaped(line.split(" ")[4] ?? "") === real);
  } catch {
    return false;
  }
}

/** The tip for such a file. */
export const staticMountTip: string =
  "A file that is mounted as a single file (subPath, Docker) never changes: mount the whole volume as a directory, or restart to rotate.";

/** Decodes the octal escapes of spaces and similar characters; see proc_pid_mountinfo(5). */
function unescaped(field: string): string {
  return field.replace(/\\([0-7]{3})/g, (_match, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}
