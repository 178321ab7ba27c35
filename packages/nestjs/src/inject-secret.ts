import { Inject } from "@nestjs/common";
import { checkArgument, optionRules } from "@tacit/core/provider";
import { getSecretsToken, getSecretToken } from "./injection-tokens.ts";

/** A decorator for a parameter of a constructor or for a property, as `Inject` gives it. */
type InjectDecorator = ReturnType<typeof Inject>;

/**
 * Injects the watch of a declared alias, as a `SecretWatch`. The client is ready by then, so `latest` works in the constructor.
 * `createTacitDecorators` has one that checks the alias and the type.
 */
export function InjectSecret(alias: string, client?: string): InjectDecorator {
  checkArgument("InjectSecret", "alias", alias, optionRules.text);
  checkArgument("InjectSecret", "client", client ?? "", optionRules.text);
  return Inject(getSecretToken(alias, client));
}

/** Injects a client, as a `SecretsOf<typeof declared>`; ready by then. */
export function InjectSecrets(client?: string): InjectDecorator {
  checkArgument("InjectSecrets", "client", client ?? "", optionRules.text);
  return Inject(getSecretsToken(client));
}
