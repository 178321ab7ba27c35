import { constants } from "node:fs";
import { join, resolve } from "node:path";
import type {
  CallContext,
  Finding,
  ProviderHost,
  ProviderResult,
  ReadRequest,
  Subscription,
} from "@tacit/core/provider";
import { differsInCase } from "../another-case.ts";
import { inAnotherCase } from "./another-case.ts";
import type { FilesContext, FilesOptions } from "./context.ts";
import { diagnoseFiles } from "./diagnose.ts";
import { toFileError } from "./errors.ts";
import { type FileSystem, nodeFileSystem } from "./file-system.ts";
import { assertRoot } from "./location.ts";
import { parsePath } from "./path.ts";
import { FileReader } from "./reader.ts";
import { createSharedLook } from "./shared-looks.ts";
import { createTurnBudget } from "./volume/turn-budget.ts";
import { PathWatches } from "./watch/path-watches.ts";

/** The files and mounted volumes below one root. */
export interface Files {
  /** Reads a file as a value, or a directory as fields. @throws {SecretError} INVALID_NAME, INVALID_VALUE, PERMISSION_DENIED or UNAVAILABLE */
  get(request: ReadRequest, context: CallContext): Promise<ProviderResult>;
  /** Returns the absolute paths of some paths, for the message of a missing secret, with existing names that differ only in case. */
  place(paths: readonly string[]): string;
  /** Calls `hint` with a path that may have changed. Without a path, any of them may have changed. */
  subscribe(paths: readonly string[], hint: (path?: string) => void): Promise<Subscription>;
  /** Checks that the root exists, and may be listed and entered. @throws {SecretError} UNAVAILABLE or PERMISSION_DENIED */
  check(): void;
  /** Returns findings about the layout below the root, without reading values. */
  diagnose(): readonly Finding[];
  /** Closes all watches. */
  close(): void;
}

/** Creates the access to the files below a root. Reads nothing before the first call. A relative root is resolved against the working directory. */
export function openFiles(
  root: string,
  options: FilesOptions,
  host: ProviderHost,
  fileSystem: FileSystem = nodeFileSystem,
): Files {
  const context: FilesContext = {
    ...options,
    fileSystem,
    clock: host.clock,
    root: resolve(root),
    knownVolumes: new Set(),
    plainDirectories: new Map(),
    budget: createTurnBudget(),
    sharedLook: createSharedLook(fileSystem),
  };
  const reader = new FileReader(context, host);
  const watches = new PathWatches(context, host);
  return {
    place(paths) {
      const asked = paths.map(parsePath);
      const places = asked.map((segments) => JSON.stringify(join(context.root, ...segments)));
      return `${places.join(", ")}${differsInCase(asked.flatMap((segments) => inAnotherCase(context, segments)))}`;
    },
    async get(request, call) {
      let isSame = false;
      try {
        const result = await reader.get(request, call);
        isSame = result.status === "not-modified";
        return result;
      } finally {
        // Unless the content is unchanged, the watched directory may have been replaced without an event.
        if (!isSame) watches.verify(request.path);
      }
    },
    async subscribe(paths, hint) {
      for (const path of paths) parsePath(path);
      return watches.subscribe(paths, hint);
    },
    check() {
      try {
        assertRoot(context);
        fileSystem.accessSync(context.root, constants.R_OK | constants.X_OK);
      } catch (error) {
        throw toFileError(error, context.root);
      }
    },
    diagnose: () => diagnoseFiles(context),
    close: () => watches.close(),
  };
}
