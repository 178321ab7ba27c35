import type { Engine } from "./engine.ts";

/** A path and the engine that reads it. */
export interface MountedPath {
  readonly engine: Engine;
  /** The path below the mount of the engine. */
  readonly path: string;
}

/** Finds the mount of a path: the longest declared mount that is a prefix of it, else the main one. */
export class Mounts {
  readonly #main: Engine;
  /** The declared mounts, longest first. */
  readonly #declared: readonly (readonly [prefix: string, engine: Engine])[];

  /** @param declared mount without slashes at its ends -> its engine */
  constructor(main: Engine, declared: ReadonlyMap<string, Engine>) {
    this.#main = main;
    this.#declared = [...declared]
      .map(([mount, engine]) => [`${mount}/`, engine] as const)
      .sort(([one], [other]) => other.length - one.length);
  }

  /** Returns the engine and the rest of a valid path. */
  find(path: string): MountedPath {
    const [prefix, engine] = this.#declared.find(([mount]) => path.startsWith(mount)) ?? ["", this.#main];
    return { engine, path: path.slice(prefix.length) };
  }
}
