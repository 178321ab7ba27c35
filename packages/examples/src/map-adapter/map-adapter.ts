import { type Adapter, SecretError, type SecretPayload } from "@tacit/core/provider";
import { z } from "zod";

/** Reads secrets from a Map, such as one that a test or a plug-in fills. */
export function mapAdapter(secrets: ReadonlyMap<string, SecretPayload>): Adapter<object> {
  return {
    name: "map",
    options: async () => z.strictObject({}),
    open: (_options, host) => ({
      supports: { payload: "both", versions: false, subscribe: false, conditional: false, defaultPollMs: 1000 },
      async get({ path, version }, { signal }) {
        signal.throwIfAborted();
        if (!/^\w[\w.-]*(\/\w[\w.-]*)*$/.test(path))
          throw new SecretError("INVALID_NAME", "paths are words and slashes");
        if (version !== "current") throw new SecretError("UNSUPPORTED", "a Map keeps no versions");
        const payload = secrets.get(path);
        if (payload === undefined) return { status: "not-found", definitive: true };
        return { status: "ok", payload: structuredClone(payload), version: host.contentVersion(payload) };
      },
    }),
  };
}
