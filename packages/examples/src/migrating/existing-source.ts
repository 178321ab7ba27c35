import { type Adapter, SecretError } from "@tacit/core/provider";
import { z } from "zod";

/** Returns one secret by its name, or undefined if there is none. */
export type Lookup = (name: string, signal: AbortSignal) => string | undefined | Promise<string | undefined>;

/** Reads secrets through a library that the application already uses, until an adapter replaces it. */
export function existingSource(lookup: Lookup): Adapter<object> {
  return {
    name: "existing",
    options: async () => z.strictObject({}),
    open: (_options, host) => ({
      supports: { payload: "value", versions: false, subscribe: false, conditional: false, defaultPollMs: 300_000 },
      async get({ path, version }, { signal }) {
        signal.throwIfAborted();
        if (!/^\w[\w.-]*(\/\w[\w.-]*)*$/.test(path))
          throw new SecretError("INVALID_NAME", "paths are words and slashes");
        if (version !== "current") throw new SecretError("UNSUPPORTED", "only the current version can be asked for");
        const text = await lookup(path, signal);
        // `undefined` may mean a failure of the library as well as a missing secret.
        if (text === undefined) return { status: "not-found", definitive: false };
        const payload = { kind: "value", bytes: new TextEncoder().encode(text) } as const;
        return { status: "ok", payload, version: host.contentVersion(payload) };
      },
    }),
  };
}
