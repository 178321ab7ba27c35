import type { VaultApi } from "../../shared/vault/api.ts";
import { Unwrapper, type WrappedResponse } from "../../shared/vault/wrapping.ts";
import type { Engine, EngineContext } from "./engine.ts";
import { assertCurrent, malformed, undeclared } from "./refusal.ts";

/** A secret that was wrapped for this application. */
export interface WrappedSecret extends WrappedResponse {
  /** The name in its path, `wrapped/<name>`. */
  readonly name: string;
  /** `kv-v2` for a response of a mount of KV version 2, whose secret is in a nested `data`. */
  readonly engine?: "kv-v2" | undefined;
}

/**
 * Creates the reader of wrapped responses. Each read uses up a wrapping token, so these paths are dynamic: they are read again only
 * if necessary, with another token. A read needs no login.
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
