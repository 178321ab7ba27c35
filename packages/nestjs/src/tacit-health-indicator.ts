import type { ModuleRef } from "@nestjs/core";
import type { Health } from "@tacit/core";
import { checkOptions, optionRules } from "@tacit/core/provider";
import { getSecretsToken } from "./injection-tokens.ts";
import type { AnySecrets } from "./tacit-options.ts";

/** The options of a health check. */
export interface TacitHealthOptions {
  /** Whether it lists secrets and providers by name, with ages, versions and codes, for readers who may see that. Default: no. */
  readonly names?: boolean;
  /** The `name` of the client; default: the one without. */
  readonly client?: string;
}

/** The part of a health check that @nestjs/terminus reads, and the client's own word. */
export type TacitHealthResult = {
  readonly status: "up" | "down";
  readonly state: Health["status"];
} & Partial<Pick<Health, "secrets" | "providers">>;

/** Reports the health of the secrets to @nestjs/terminus. Injected by its class, in every module. */
export class TacitHealthIndicator {
  readonly #moduleRef: ModuleRef;

  constructor(moduleRef: ModuleRef) {
    this.#moduleRef = moduleRef;
  }

  /**
   * Returns the state for a readiness check. `down` while a required secret has no value that may be served: `starting`,
   * `down`, `closed`. A client that is degraded serves everything, so it is `up`: an outage of a store must not take every
   * replica out of service.
   */
  isHealthy<K extends string = "secrets">(
    key: K = "secrets" as K,
    options: TacitHealthOptions = {},
  ): Record<K, TacitHealthResult> {
    checkOptions("isHealthy", options, { names: optionRules.flag, client: optionRules.text });
    const client: AnySecrets = this.#moduleRef.get(getSecretsToken(options.client), { strict: false });
    const { status: state, secrets, providers } = client.health();
    const status = state === "ok" || state === "degraded" ? "up" : "down";
    const result: TacitHealthResult =
      options.names === true ? { status, state, secrets, providers } : { status, state };
    return { [key]: result } as Record<K, TacitHealthResult>;
  }
}
