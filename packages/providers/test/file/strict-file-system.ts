import { dirname } from "node:path";
import { type FileSystem, nodeFileSystem } from "../../src/shared/files/file-system.ts";

/** A file system for tests that counts, and that honours modes also for root, whom a real one lets read everything. */
export interface StrictFileSystem {
  readonly fileSystem: FileSystem;
  /** How often anything below has been looked at. */
  readonly calls: number;
}

/** The file system of this machine, but a directory without any right to enter (x) keeps what lies in it from everybody. */
export function createClosedFileSystem(): FileSystem {
  const node = nodeFileSystem;
  const assertEntered = (file: unknown): void => {
    for (let above = dirname(String(file)); dirname(above) !== above; above = dirname(above)) {
      const stats = node.lstatSync(above, { throwIfNoEntry: false });
      if (stats?.isDirectory() !== true || (stats.mode & 0o111) !== 0) continue;
      throw Object.assign(new Error("EACCES: permission denied"), { code: "EACCES", syscall: "lstat" });
    }
  };
  const entering = <F extends (...input: never[]) => unknown>(call: F): F =>
    ((...input: never[]) => {
      assertEntered(input[0]);
      return call(...input);
    }) as F;
  const enteringLater = <F extends (...input: never[]) => Promise<unknown>>(call: F): F =>
    (async (...input: never[]) => {
      assertEntered(input[0]);
      return call(...input);
    }) as unknown as F;
  return {
    ...node,
    accessSync: entering(node.accessSync),
    lstatSync: entering(node.lstatSync as never),
    openSync: entering(node.openSync),
    readlinkSync: entering(node.readlinkSync as never),
    realpathSync: entering(node.realpathSync),
    statSync: entering(node.statSync as never),
    promises: {
      lstat: enteringLater(node.promises.lstat as never),
      realpath: enteringLater(node.promises.realpath as never),
      open: enteringLater(node.promises.open),
      readdir: node.promises.readdir,
    },
  };
}

/** Wraps the file system of this machine. */
export function createStrictFileSystem(): StrictFileSystem {
  let calls = 0;
  const node = nodeFileSystem;
  const permitted = (file: unknown): void => {
    calls += 1;
    const stats = node.statSync(String(file), { throwIfNoEntry: false });
    if (stats === undefined || (stats.mode & 0o444) !== 0) return;
    throw Object.assign(new Error("EACCES: permission denied"), { code: "EACCES", syscall: "open" });
  };
  /** The overloads of node:fs cannot be written as one function. */
  const guarded = <F extends (...input: never[]) => unknown>(call: F): F =>
    ((...input: never[]) => {
      permitted(input[0]);
      return call(...input);
    }) as F;
  const counted = <F extends (...input: never[]) => unknown>(call: F): F =>
    ((...input: never[]) => {
      calls += 1;
      return call(...input);
    }) as F;
  const later = <F extends (...input: never[]) => Promise<unknown>>(call: F): F =>
    (async (...input: never[]) => {
      permitted(input[0]);
      return call(...input);
    }) as unknown as F;
  const fileSystem: FileSystem = {
    ...node,
    openSync: guarded(node.openSync),
    readdirSync: guarded(node.readdirSync as never),
    lstatSync: counted(node.lstatSync as never),
    promises: {
      lstat: node.promises.lstat,
      realpath: node.promises.realpath,
      open: later(node.promises.open),
      readdir: later(node.promises.readdir as never),
    },
  };
  return {
    fileSystem,
    get calls() {
      return calls;
    },
  };
}
