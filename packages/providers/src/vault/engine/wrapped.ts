import type { VaultApi } from "../../shared/vault/api.ts";
import { Unwrapper, type WrappedResponse } from "../../shared/vault/wrapping.ts";
import type { Engine, EngineContext } from "./engine.ts";
import { assertCurrent, malformed, undeclared } from "./refusal.ts";

/** A secret that somebody has wrapped for this application. */
export interface WrappedSecret extends WrappedResponse {
  /** Its path is this, below `wrapped/`. */
  readonly name: string;
  /** Set where it was read from a mount of KV version 2: the secret lies below a `data` of its own then. */
  readonly engine?: "kv-v2" | undefined;
}

/**
 * Reads responses that were wrapped. Each read uses a wrapping token up, so such a path is read again only when it must be,
 * and then needs another token. No login is made for it: the wrapping token is one.
 */
export function createWrappedEngine(
  { host, leases }: Pick<EngineContext, "host" | "leases">,
  api: VaultApi,
  secrets: readonly WrappedSecret[],
): Engine {
  const unwrapper = new Unwrapper("PERMISSION_DENIED");
  return {
    kind: "wrapped",
    isDynamic: () => true,
    async get({ path, version }, { signal }) {
      assertCurrent({ version }, "wrapped");
      const secret = secrets.find(({ name }) => name === path);
      if (secret === undefined) throw undeclared("no such wrapped secret is declared", declareTip);
      const answer = await unwrapper.unwrap(secret, { api, host, signal });
      const fields = answer.fields(secret.engine === "kv-v2" ? "data" : undefined);
      if (fields === undefined) throw malformed(secret.engine ?? "wrapped");
      const payload = { kind: "fields", fields } as const;
      return { status: "ok", payload, version: host.contentVersion(payload), lease: leases.of(answer) };
    },
  };
}

const declareTip = "Write it under `wrapped`, as { name, token, creationPath }.";
