import * as fs from "node:fs";

/** The system calls that are made here, and no other: what a test replaces to give a disk its moods. */
export type FileSystem = Pick<
  typeof fs,
  | "accessSync"
  | "closeSync"
  | "fstatSync"
  | "lstatSync"
  | "openSync"
  | "readFileSync"
  | "readSync"
  | "readdirSync"
  | "readlinkSync"
  | "statSync"
  | "statfsSync"
  | "watch"
> & {
  realpathSync(file: string): string;
  readonly promises: Pick<typeof fs.promises, "lstat" | "open" | "readdir" | "realpath">;
};

/** The file system of this machine. */
export const nodeFileSystem: FileSystem = {
  // Not all of `fs`: to copy its deprecated members makes Node print a warning.
  accessSync: fs.accessSync,
  closeSync: fs.closeSync,
  fstatSync: fs.fstatSync,
  lstatSync: fs.lstatSync,
  openSync: fs.openSync,
  readFileSync: fs.readFileSync,
  readSync: fs.readSync,
  readdirSync: fs.readdirSync,
  readlinkSync: fs.readlinkSync,
  statSync: fs.statSync,
  statfsSync: fs.statfsSync,
  watch: fs.watch,
  // Loads a part of Node, with the first read.
  get promises() {
    return fs.promises;
  },
  // The other one looks at each directory on the way, which a permission model can forbid above the root.
  realpathSync: (file) => fs.realpathSync.native(file),
};

/** A read never waits for a writer of a FIFO, and never makes a terminal this process's own. */
export const openFlags: number = fs.constants.O_RDONLY | (fs.constants.O_NONBLOCK ?? 0) | (fs.constants.O_NOCTTY ?? 0);

/** Fails with ELOOP on a symbolic link. Windows has no such flag. */
export const noFollow: number = fs.constants.O_NOFOLLOW ?? 0;

/** Returns what lies at a path, links not followed; `undefined` where nothing does, also because something on the way is no directory. */
export function lookAt(fileSystem: FileSystem, file: string): fs.Stats | undefined {
  try {
    return fileSystem.lstatSync(file, { throwIfNoEntry: false });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOTDIR") return undefined;
    throw error;
  }
}
