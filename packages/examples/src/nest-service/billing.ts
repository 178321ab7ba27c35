import type { DynamicModule } from "@nestjs/common";
import { type ConfigSource, declareSecrets, type SecretsOf } from "@tacit/core";
import { getSecretsToken, TacitModule } from "@tacit/nestjs";
import { adapters } from "@tacit/providers";
import type { declared } from "./application.ts";

export const billing = declareSecrets({ db: { ref: "billing/db" } });

/** A second client, whose store is found with what the first one read. */
export function billingModule(configFor: (secrets: SecretsOf<typeof declared>) => ConfigSource): DynamicModule {
  return TacitModule.forRootAsync({
    name: "billing",
    declare: billing,
    inject: [getSecretsToken()],
    useFactory: (secrets: SecretsOf<typeof declared>) => ({ adapters, config: configFor(secrets) }),
  });
}
