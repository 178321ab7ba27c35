import { SecretError } from "../error/secret-error.ts";
import type { PayloadSource } from "../source/source.ts";

export function notReady(reference: string, failure?: SecretError): SecretError {
  return new SecretError("NOT_READY", `"${reference}" has not been loaded yet`, {
    reason: "not-loaded",
    reference,
    retryable: true,
    cause: failure,
    tip: "Await `ready()` before the first `latest()`.",
  });
}

export function dropped(reference: string): SecretError {
  return new SecretError("NOT_READY", `the value of "${reference}" was dropped and no other has arrived yet`, {
    reason: "dropped",
    reference,
    retryable: true,
    tip: "Rotate the secret at its store.",
  });
}

export function droppedAgain(reference: string): SecretError {
  return new SecretError("INVALID_VALUE", `the store still holds the value of "${reference}" that was dropped`, {
    reason: "dropped",
    reference,
    retryable: true,
    tip: "Rotate the secret at its store.",
  });
}

/** @param source where it was looked for */
export function notFound(reference: string, source: PayloadSource): SecretError {
  const stores = source.stores();
  const places = new Set(stores.map(({ provider, path }) => `"${path}" of provider "${provider.name}"`));
  const providers = new Set(stores.map(({ provider }) => provider.name));
  return new SecretError("NOT_FOUND", `"${reference}" does not exist: there is no ${[...places].join(", and no ")}`, {
    reference,
    provider: providers.size === 1 ? [...providers][0] : undefined,
    definitive: true,
    tip: "Create it at its store, or correct the name, the route or the binding.",
  });
}

export function expired(reference: string): SecretError {
  return new SecretError("UNAVAILABLE", `the value of "${reference}" has expired and no newer one could be read`, {
    reason: "expired",
    reference,
  });
}

/** Past maxStale: the failure that made it stale, under the reason `stale`. */
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
    tip: "Secrets that are held already still reveal.",
  });
}

/** An ambiguous not-found is handled like a denial: it may be one. */
export function isDenial({ code, definitive }: SecretError): boolean {
  return code === "PERMISSION_DENIED" || (code === "NOT_FOUND" && definitive === false);
}
