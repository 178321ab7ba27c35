import { Logger } from "@nestjs/common";
import { createSecrets, type Declared, type ReadyOptions, SecretError, type SecretEventLevel } from "@tacit/core";
import { logEvents } from "@tacit/core/observe";
import { checkArgument, checkOptions, optionRules } from "@tacit/core/provider";
import { clientRules } from "./module-rules.ts";
import type { AnySecrets, TacitClientOptions, TacitModuleOptions } from "./tacit-options.ts";

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
  readonly log: TacitModuleOptions["log"];
}

/**
 * Makes the client, or takes the one that is given, and awaits it.
 * @throws {SecretError} NOT_READY with all problems; a client that was made here is closed by then
 */
export async function openClient(options: TacitClientOptions, context: OpenClientContext): Promise<OpenClient> {
  if (typeof options !== "object" || options === null) throw noOptions();
  const { declare, ready } = context;
  checkOptions("TacitModule", options, clientRules);
  if ("secrets" in options) {
    log(options.secrets, context.log ?? false);
    await options.secrets.ready(ready);
    return { secrets: options.secrets, isOwn: false };
  }
  const secrets: AnySecrets = createSecrets({ ...options, declare: options.declare ?? declare });
  log(secrets, context.log ?? "warn");
  try {
    await secrets.ready(ready);
  } catch (error) {
    await secrets.close();
    throw error;
  }
  return { secrets, isOwn: true };
}

/** From before the first load on, so that what goes wrong then is told too; until the client is closed. */
function log(secrets: AnySecrets, level: SecretEventLevel | false): void {
  if (level === false) return;
  const { events } = secrets;
  checkArgument("TacitModule", "secrets.events", events, optionRules.methods("onAny"));
  if (events !== undefined) logEvents({ events }, new Logger("Tacit"), { level });
}

function noOptions(): SecretError {
  return new SecretError("INVALID_CONFIG", "the options of TacitModule must be an object", {
    reason: "module-setup",
    tip: "`useFactory` or `createTacitOptions` must return the options of createSecrets, or { secrets } with a client.",
  });
}
