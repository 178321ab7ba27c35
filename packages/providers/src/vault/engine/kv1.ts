import { type CallContext, type ProviderResult, type ReadRequest, SecretError } from "@tacit/core/provider";
import type { Engine, EngineContext } from "./engine.ts";
import { otherKvVersion } from "./kv-mount.ts";
import { notFields } from "./refusal.ts";

/**
 * A KV mount that keeps no versions. `lease_duration` of its answers is a hint of when to read again, no lease: nothing ends
 * then, so it is not looked at.
 */
export function createKv1Engine({ session, host, mount }: EngineContext): Engine {
  return {
    kind: "kv-v1",
    isDynamic: () => false,
    policyPath: (path) => `${mount}/${path}`,
    async get({ path, version: wanted, ifVersion }: ReadRequest, context: CallContext): Promise<ProviderResult> {
      if (wanted !== "current") throw withoutVersions();
      const request = { path: "{+mount}/{+path}", values: { mount, path }, accept: [404] };
      const answer = await session.call(request, context);
      if (answer.status === 404) {
        // What a mount with versions says to whoever asks it in this way.
        if (answer.hasWarnings) throw otherKvVersion(1);
        return { status: "not-found", definitive: true };
      }
      const fields = answer.fields();
      if (fields === undefined) throw notFields();
      const payload = { kind: "fields", fields } as const;
      const version = host.contentVersion(payload);
      if (version === ifVersion) return { status: "not-modified", version };
      return { status: "ok", payload, version };
    },
  };
}

function withoutVersions(): SecretError {
  return new SecretError("UNSUPPORTED", "a KV mount of version 1 keeps no version of a secret but the current one", {
    reason: "versions",
    tip: "Ask for the current one; `accepted` keeps the one that this process replaced.",
  });
}
