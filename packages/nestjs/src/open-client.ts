import { createSecrets, type ReadyOptions, SecretError } from "@tacit/core";
import type { AnySecrets, TacitClientOptions } from "./tacit-options.ts";

/** A client that is ready, and whether it was made here. */
export interface OpenClient {
  readonly secrets: AnySecrets;
  readonly isOwn: boolean;
}

/**
 * Makes the client, or takes the one that is given, and awaits it.
 * @throws {SecretError} NOT_READY with all problems; a client that was made here is closed by then
 */
export async function openClient(options: TacitClientOptions, ready: ReadyOptions | undefined): Promise<OpenClient> {
  if (typeof options !== "object" || options === null) throw noOptions();
  if ("secrets" in options) {
    await options.secrets.ready(ready);
    return { secrets: options.secrets, isOwn: false };
  }
  const secrets: AnySecrets = createSecrets(options);
  try {
    await secrets.ready(ready);
  } catch (error) {
    await secrets.close();
    throw error;
  }
  return { secrets, isOwn: true };
}

function noOptions(): SecretError {
  return new SecretError("INVALID_CONFIG", "the options of TacitModule must be an object", {
    reason: "module-setup",
    tip: "`useFactory` or `createTacitOptions` returns what createSecrets takes, or { secrets } with a client.",
  });
}
