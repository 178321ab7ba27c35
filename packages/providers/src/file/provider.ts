import { constants } from "node:fs";
import { resolve } from "node:path";
import {
  type CallContext,
  type Finding,
  type Provider,
  type ProviderHost,
  type ProviderResult,
  type ReadRequest,
  SecretError,
  type Subscription,
  type Supports,
} from "@tacit/core/provider";
import { diagnose } from "./diagnose.ts";
import { toFileError } from "./failure.ts";
import { FileReader } from "./file-reader.ts";
import { type FileSystem, nodeFileSystem } from "./file-system.ts";
import type { FileOptions } from "./options.ts";
import { parsePath } from "./path.ts";
import { assertRoot, type Surroundings } from "./place.ts";
import { PathWatches } from "./watch/path-watches.ts";

/** What a `file` provider can do. */
export const fileSupports: Supports = {
  payload: "both",
  versions: false,
  subscribe: "local",
  conditional: true,
  defaultPollMs: 10_000,
};

/** Opens a provider over one root directory; nothing is read before the first call. */
export function openFileProvider(
  options: FileOptions,
  host: ProviderHost,
  fileSystem: FileSystem = nodeFileSystem,
): Provider {
  const surroundings: Surroundings = {
    fileSystem,
    root: resolve(options.root),
    followExternalLinks: options.followExternalLinks,
    knownVolumes: new Set(),
  };
  const reader = new FileReader(options, surroundings, host);
  const watches = new PathWatches(options, surroundings, host);
  let closed = false;
  const assertOpen = ({ signal }: CallContext): void => {
    if (closed) throw new SecretError("CLOSED", `provider "${host.name}" was closed`);
    signal.throwIfAborted();
  };
  return {
    supports: fileSupports,
    async get(request: ReadRequest, context: CallContext): Promise<ProviderResult> {
      assertOpen(context);
      assertCurrent(request);
      let isSame = false;
      try {
        const result = await reader.get(request, context);
        isSame = result.status === "not-modified";
        return result;
      } finally {
        // A directory that was replaced without an event holds something else, or nothing.
        if (!isSame) watches.verify(request.path);
      }
    },
    async subscribe(paths, hint, context): Promise<Subscription> {
      assertOpen(context);
      for (const path of paths) parsePath(path);
      return watches.subscribe(paths, hint, context);
    },
    async check(context): Promise<void> {
      assertOpen(context);
      try {
        assertRoot(surroundings);
        fileSystem.accessSync(surroundings.root, constants.R_OK | constants.X_OK);
      } catch (error) {
        throw toFileError(error, surroundings.root);
      }
    },
    async diagnose(context): Promise<readonly Finding[]> {
      assertOpen(context);
      return diagnose(surroundings);
    },
    async close(): Promise<void> {
      closed = true;
      await watches.close();
    },
  };
}

function assertCurrent({ version }: ReadRequest): void {
  if (version === "current") return;
  throw new SecretError("UNSUPPORTED", "files have no versions but the current one", {
    tip: "Use a store that keeps versions, or `accepted`, which keeps the one that this process replaced.",
  });
}
