import type { ProviderHost } from "../contract/contract.ts";
import type { Emit } from "../events/events.ts";
import type { Redactor } from "../redact/redactor.ts";
import { contentVersion } from "../secret/content-version.ts";
import type { Scheduler } from "../time/scheduler.ts";
import type { CredentialReader, ProviderConfig } from "./provider-config.ts";

/** The dependencies shared by the providers of a client. */
export interface ProviderDependencies {
  readonly scheduler: Scheduler;
  readonly redactor: Redactor;
  readonly emit: Emit;
  readonly credential: CredentialReader;
  /** Reports that a secret which is used as a credential may have changed. Never throws. */
  readonly hintCredential: (reference: string) => void;
  /** Aborts when the client closes. */
  readonly closed: AbortSignal;
}

/** The maximum number of codes; it bounds the memory for codes that depend on responses of a store. */
const mostWarnings = 100;

/** A warning of an adapter. */
export interface ProviderWarning {
  readonly tip: string;
  readonly degrades: boolean;
}

/** The host of a provider, with the warnings and credentials of the provider. */
export interface HostRecord {
  readonly host: ProviderHost;
  /** code -> the first warning with it */
  readonly warnings: ReadonlyMap<string, ProviderWarning>;
  /** The references of the secrets that the provider has used as credentials. */
  readonly usedSecrets: ReadonlySet<string>;
  /** Releases the tokens of the provider in the redactor. */
  dispose(): void;
}

/** Creates the host of a provider. */
export function createProviderHost(config: ProviderConfig, dependencies: ProviderDependencies): HostRecord {
  const { scheduler, redactor, emit, credential } = dependencies;
  const usedSecrets = new Set<string>();
  let isDisposed = false;
  const warnings = new Map<string, ProviderWarning>();
  /** name -> function that releases the last token with that name */
  const tokens = new Map<string, () => void>();
  const host: ProviderHost = {
    name: config.name,
    clock: scheduler.clock,
    random: scheduler.random,
    async credential(source) {
      const bytes = await credential(source);
      if ("$secret" in source) usedSecrets.add(source.$secret);
      return bytes;
    },
    protect(value, name) {
      const release = redactor.register(value, { name, mask: "always" });
      // The token of a login in progress when the client closed is masked as long as any released one.
      if (isDisposed) return release();
      tokens.get(name)?.();
      tokens.set(name, release);
    },
    contentVersion,
    warn(code, tip, { degrades = false } = {}) {
      if (warnings.has(code) || warnings.size >= mostWarnings) return;
      const masked = redactor.redact(tip);
      warnings.set(code, { tip: masked, degrades });
      emit({ type: "provider-degraded", provider: config.name, code, tip: masked });
    },
  };
  const dispose = (): void => {
    isDisposed = true;
    for (const release of tokens.values()) release();
    tokens.clear();
  };
  return { host, warnings, usedSecrets, dispose };
}
