import type { CallContext, ProviderHost, ProviderResult, ReadRequest } from "@tacit/core/provider";
import type { Session } from "../../shared/vault/login/session.ts";
import type { Leases } from "./leases.ts";

/** What the engines of a provider share. */
export interface EngineContext {
  readonly session: Session;
  /** Those that the session's tokens take; one for all engines. */
  readonly leases: Leases;
  readonly host: ProviderHost;
  /** Where this engine is mounted, such as `team/kv`; no slash at either end. */
  readonly mount: string;
  /** The keys of custom metadata that may show as labels. */
  readonly labels: readonly string[];
}

/** Reads one mount in the way of its secrets engine. */
export interface Engine {
  /** As the config document calls it. */
  readonly kind: string;
  /**
   * Reads a path below the mount, which has been checked: `request.path` is without the mount.
   * @throws {SecretError} what `Session.call` throws, UNSUPPORTED for a version that it does not keep
   */
  get(request: ReadRequest, context: CallContext): Promise<ProviderResult>;
  /** Pure. Whether reading the path makes a new credential. */
  isDynamic(path: string): boolean;
  /** Pure. The path that a policy has to name for a read; absent, or undefined, where it is not known or findings say nothing of it. */
  policyPath?(path: string): string | undefined;
}
