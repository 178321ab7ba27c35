import { createSecrets, type Declared, type ReadyOptions, SecretError } from "@tacit/core";
import type { AnySecrets, TacitClientOptions } from "./tacit-options.ts";

/** A client that is ready, and whether it was made here. */
export interface OpenClient {
  readonly secrets: AnySecrets;
  readonly isOwn: boolean;
}

/** What is known of a client before its options are. */
export interface OpenClientContext {
  /** Unless the options declare something themselves. */
  readonly declare: Declared | undefined;
  readonly ready: ReadyOptions | undefined;
}

/**
 * Makes the client, or takes the one that is given, and awaits it.
 * @throws {SecretError} NOT_READY with all problems; a client that was made here is closed by then
 */
export async function openClient(options: TacitClientOptions, context: OpenClientContext): Promise<OpenClient> {
  if (typeof options !== "object" || options === null) throw noOptions();
  const { declare, ready } = context;
  if ("secrets" in options) {
    await options.secrets.ready(ready);
    return { secrets: options.secrets, isOwn: false };
  }
  const secrets: AnySecrets = createSecrets({ ...options, declare: options.declare ?? declare });
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
