import { SecretError } from "../error/secret-error.ts";
import { CompositeSource } from "../source/composite.ts";
import { placesOf } from "../source/places.ts";
import type { PayloadSource } from "../source/source.ts";

/** @Returns the error for a secret without a value so far.
@param failure the error of the last attempt to load it, if there was one to load it failed, where there was one */
export function notReady(reference: string, failure?: SecretError): SecretError {
  const because = failure === undefined ? "" : `: ${failure.message}`;
  return new SecretError("NOT_READY", `"${reference}" has not been loaded yet${because}`, {
    reason: "not-loaded",
    reference,
    retryable: true,
    cause: failure,
    tip: failure === undefined ? "Await `ready()` before the first `latest()`." : failure.tip,
  });
}

export function dropped(reference: string): SecretError {
  return new SecretError("NOT_READY", `the value of "${reference}" was dropped and no new one has arrived yet`, {
    reason: "dropped",
    reference,
    retryable: true,
    tip: "Rotate the secret at its store.",
  });
}

export function droppedAgain(reference: string): SecretError {
  return new SecretError("INVALID_VALUE", `the store still has the dropped value of "${reference}"`, {
    reason: "dropped",
    reference,
    retryable: true,
    tip: "Rotate the secret at its store.",
  });
}

/** A secret that does not exist, and the source in which it was searched. */
export interface MissingSecret {
  readonly name: string;
  readonly source: PayloadSource;
  /** `fields` are those that the application reads, if it lists them. */
  readonly codec: { readonly fields?: readonly string[] | undefined };
  /** Whether secrets are read from the environment because no configuration was given. */
  readonly context: { readonly isUnconfigured: boolean };
}

export function notFound({ name, source, codec, context }: MissingSecret): SecretError {
  const stores = source.stores();
  const places = placesOf(source, source instanceof CompositeSource ? undefined : codec.fields);
  const providers = new Set(stores.map(({ provider }) => provider.name));
  return new SecretError("NOT_FOUND", `"${name}" does not exist: there is no ${places.join(", and no ")}`, {
    reference: name,
    provider: providers.size === 1 ? [...providers][0] : undefined,
    definitive: true,
    tip: context.isUnconfigured
      ? "TACIT_CONFIG is not set and no `config` was passed, so environment variables are read: pass a config file, or set a variable."
      : "Create it at its store, or correct the name, the route or the binding.",
  });
}

export function expired(reference: string): SecretError {
  return new SecretError("UNAVAILABLE", `the value of "${reference}" has expired and no newer one could be read`, {
    reason: "expired",
    reference,
  });
}

/** Returns the error for a value older than `maxStale`: the last failure, with the reason `stale`. */
export function stale(reference: string, failure: SecretError): SecretError {
  return new SecretError(
    failure.code,
    `"${reference}" could not be refreshed for longer than maxStale: ${failure.message}`,
    {
      reason: "stale",
      retryable: failure.retryable,
      reference,
      provider: failure.provider,
      tip: failure.tip,
      cause: failure,
    },
  );
}

export function closed(reference?: string): SecretError {
  return new SecretError("CLOSED", "the client was closed", {
    ...(reference === undefined ? {} : { reference }),
    tip: "Create a new client to read again. Secrets that were already returned can still be revealed.",
  });
}

/** Whether an error is a denial. An ambiguous not-found counts as one, because it may be one. */
export function isDenial({ code, definitive }: SecretError): boolean {
  return code === "PERMISSION_DENIED" || (code === "NOT_FOUND" && definitive === false);
}
