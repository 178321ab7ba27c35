import type { ProviderHost } from "../contract/contract.ts";
import type { Emit } from "../events/events.ts";
import type { Redactor } from "../redact/redactor.ts";
import { contentVersion } from "../secret/content-version.ts";
import type { Scheduler } from "../time/scheduler.ts";
import type { CredentialReader, ProviderConfig } from "./provider-config.ts";

/** What every provider of one client shares. */
export interface ProviderDependencies {
  readonly scheduler: Scheduler;
  readonly redactor: Redactor;
  readonly emit: Emit;
  readonly credential: CredentialReader;
  /** Ends with the client. */
  readonly closed: AbortSignal;
}

/** A warning that an adapter gave. */
export interface ProviderWarning {
  readonly tip: string;
  readonly degrades: boolean;
}

/** Makes the host of one provider; `dispose` ends the protection of its tokens. */
export function createProviderHost(
  config: ProviderConfig,
  dependencies: ProviderDependencies,
): { readonly host: ProviderHost; readonly warnings: ReadonlyMap<string, ProviderWarning>; dispose(): void } {
  const { scheduler, redactor, emit, credential } = dependencies;
  /** code -> the first warning with it */
  const warnings = new Map<string, ProviderWarning>();
  /** name -> release of the token registered last under it */
  const tokens = new Map<string, () => void>();
  const host: ProviderHost = {
    name: config.name,
    clock: scheduler.clock,
    random: scheduler.random,
    credential,
    protect(value, name) {
      const release = redactor.register(value, { name, mask: "always" });
      tokens.get(name)?.();
      tokens.set(name, release);
    },
    contentVersion,
    warn(code, tip, { degrades = false } = {}) {
      if (warnings.has(code)) return;
      const masked = redactor.redact(tip);
      warnings.set(code, { tip: masked, degrades });
      emit({ type: "provider-degraded", provider: config.name, code, tip: masked });
    },
  };
  return { host, warnings, dispose: () => tokens.forEach((release) => void release()) };
}
