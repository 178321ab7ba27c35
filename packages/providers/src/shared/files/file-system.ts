import * as fs from "node:fs";

/** All file system calls of this folder. Tests replace them to simulate faults. */
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
  // Copying all of `fs` would print a warning, because it has deprecated members.
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
  // A getter, since the first access loads a part of Node.
  get promises() {
    return fs.promises;
  },
  // The version in JavaScript calls lstat for each directory of the path, which a permission model may deny above the root.
  realpathSync: (file) => fs.realpathSync.native(file),
};

/** Opens for reading, without waiting for the writer of a FIFO and without making a terminal the controlling one. */
export const openFlags: number = fs.constants.O_RDONLY | (fs.constants.O_NONBLOCK ?? 0) | (fs.constants.O_NOCTTY ?? 0);

/** Makes `open` fail with ELOOP for a symbolic link. Windows has no such flag. */
export const noFollow: number = fs.constants.O_NOFOLLOW ?? 0;

/** Returns the stats of a path without following a link; undefined if it does not exist, or if a part of the path is not a directory. */
export function lookAt(fileSystem: FileSystem, file: string): fs.Stats | undefined {
  try {
    return fileSystem.lstatSync(file, { throwIfNoEntry: false });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOTDIR") return undefined;
    throw error;
  }
}
