import type { CallContext, ProviderHost, ProviderResult, ReadRequest } from "@tacit/core/provider";
import type { Session } from "../../shared/vault/login/session.ts";
import type { Leases } from "./leases.ts";

/** The context of the engines of a provider. */
export interface EngineContext {
  readonly session: Session;
  /** The leases of the session's tokens, shared by all engines. */
  readonly leases: Leases;
  readonly host: ProviderHost;
  /** The path of the mount without slashes at its ends: `team/kv`. */
  readonly mount: string;
  /** The keys of custom metadata to include as labels. */
  readonly labels: readonly string[];
}

/** The reader of one mount. */
export interface Engine {
  /** The name in the config document. */
  readonly kind: string;
  /**
   * Reads a valid path. `request.path` does not contain the mount.
   * @throws {SecretError} errors of `Session.call`; UNSUPPORTED for a version that the engine does not keep
   */
  get(request: ReadRequest, context: CallContext): Promise<ProviderResult>;
  /** Returns whether reading the path creates a credential. Performs no I/O. */
  isDynamic(path: string): boolean;
  /** Returns the path that a policy must contain for a read; undefined if it is unknown. Performs no I/O. Absent for engines without such findings. */
  policyPath?(path: string): string | undefined;
}
