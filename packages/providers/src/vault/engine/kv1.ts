import type { CallContext, ProviderResult, ReadRequest } from "@tacit/core/provider";
import { contentResult } from "../../shared/answer.ts";
import type { Engine, EngineContext } from "./engine.ts";
import { otherKvVersion } from "./kv-mount.ts";
import { assertCurrent, notFields } from "./refusal.ts";

/**
 * Creates the reader of a KV mount of version 1. `lease_duration` in its responses is ignored: it is advice on when to read again,
 * not a lease.
 */
export function createKv1Engine({ session, host, mount }: EngineContext): Engine {
  return {
    kind: "kv-v1",
    isDynamic: () => false,
    policyPath: (path) => `${mount}/${path}`,
    async get({ path, version, ifVersion }: ReadRequest, context: CallContext): Promise<ProviderResult> {
      assertCurrent({ version }, "KV version 1");
      const request = { path: "{+mount}/{+path}", values: { mount, path }, accept: [404] };
      const answer = await session.call(request, context);
      if (answer.status === 404) {
        // A mount of version 2 answers a request in the form of version 1 with a warning.
        if (answer.hasWarnings) throw otherKvVersion(1);
        return { status: "not-found", definitive: true };
      }
      const fields = answer.fields();
      if (fields === undefined) throw notFields();
      return contentResult({ kind: "fields", fields }, { ifVersion }, host);
    },
  };
}
