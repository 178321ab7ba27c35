import { type FileSystem, nodeFileSystem } from "../../src/shared/files/file-system.ts";

/** A file system for tests that counts, and that honours modes also for root, whom a real one lets read everything. */
export interface StrictFileSystem {
  readonly fileSystem: FileSystem;
  /** How often anything below has been looked at. */
  readonly calls: number;
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
