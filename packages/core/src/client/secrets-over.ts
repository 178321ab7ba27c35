import type { Finding } from "../contract/contract.ts";
import { atCaller, fromCaller } from "../error/at-caller.ts";
import type { SecretError } from "../error/secret-error.ts";
import { secretHealth, statusOf } from "../health/assess-health.ts";
import { diagnose } from "../health/diagnose.ts";
import type { Health } from "../health/health.ts";
import { checkOptions, rules } from "../name/check-options.ts";
import { toMilliseconds } from "../time/duration.ts";
import { createUse } from "../watch/use.ts";
import type { CloseOptions } from "./api.ts";
import type { Client } from "./client.ts";
import { close } from "./close.ts";
import { assertNodeVersion } from "./node-version.ts";
import { createReads } from "./reads.ts";
import { ready } from "./ready.ts";
import type { ReadyOptions } from "./ready-options.ts";
import { createWatching } from "./watching.ts";

/** Creates the public interface of a client or mock. It is a separate file so that no public declaration refers to the class `Client`. */
export function secretsOver(client: Client, strict: boolean): unknown {
  assertNodeVersion();
  const reads = createReads(client, strict);
  const watching = createWatching(client, strict);
  let closing: Promise<void> | undefined;
  const begin = (timeoutMs: number): Promise<void> => {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    // Assigned first, because closing a handle may close the client again.
    closing = promise;
    close(client, timeoutMs).then(resolve, reject);
    return promise;
  };
  const end = (options: CloseOptions = {}): Promise<void> => {
    try {
      checkOptions("close", options, { timeout: rules.any });
      const { timeout = "5s" } = options;
      const timeoutMs = toMilliseconds(timeout, "`timeout` of close", { zero: true });
      return closing ?? begin(timeoutMs);
    } catch (error) {
      return Promise.reject(atCaller(error, end) as SecretError);
    }
  };
  const whenReady = async (options: ReadyOptions = {}): Promise<void> => {
    try {
      await reads.bounded(() => ready(client, options), { signal: options.signal }, "ready()");
    } catch (error) {
      throw atCaller(error, whenReady);
    }
  };
  const examine = async (): Promise<readonly Finding[]> => {
    try {
      const { providers } = await client.start();
      const noisy = client.options.redactor.stats().noisy ?? [];
      return await client.whileHeld(
        diagnose([...providers.values()], healthOf(client).secrets, client.allViews(), noisy),
      );
    } catch (error) {
      throw atCaller(error, examine);
    }
  };
  return {
    ready: whenReady,
    getSecret: reads.getSecret,
    latest: reads.latest,
    accepted: fromCaller(reads.accepted),
    invalidate: fromCaller(reads.invalidate),
    notify: fromCaller(reads.notify),
    watch: fromCaller(watching.watch),
    derive: fromCaller(watching.derive),
    use: createUse(client),
    health: () => healthOf(client),
    diagnose: examine,
    events: client.report.events,
    redactor: client.options.redactor,
    close: end,
    [Symbol.asyncDispose]: () => end(),
  };
}

function healthOf(client: Client): Health {
  const providers = [...(client.started?.providers.values() ?? [])].map((provider) => provider.health());
  const declared = [...client.views].map(([alias, view]) => secretHealth(view, alias, client.ages.get(alias)));
  const undeclared = [...client.undeclared.all()].map((view) => secretHealth(view, undefined, undefined));
  const secrets = [...declared, ...undeclared];
  // `ready` is optional, so the status depends on whether the required secrets are loaded.
  const hasBegun = client.started !== undefined || client.options.declarations.size === 0;
  const snapshot = client.snapshot?.health;
  const status = statusOf(secrets, providers, hasBegun);
  const isUnwritten = status === "ok" && snapshot?.code !== undefined;
  return {
    status: client.isClosed ? "closed" : isUnwritten ? "degraded" : status,
    secrets,
    providers,
    ...(snapshot === undefined ? {} : { snapshot }),
  };
}
