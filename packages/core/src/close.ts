import type { Client } from "./client.ts";
import { closed } from "./view/view-problem.ts";

const defaultTimeoutMs = 5_000;

/** Ends a client: readers first, then what they hung on, then the stores. Bounded, whatever a provider does. */
export async function close(client: Client, timeoutMs: number = defaultTimeoutMs): Promise<void> {
  const { scheduler, closing, handles, background, report } = client;
  const release = scheduler.hold();
  const { promise: timeout, resolve } = Promise.withResolvers<void>();
  scheduler.after(timeoutMs, resolve);
  const error = closed();
  for (const view of client.allViews()) view.close(error);
  closing.abort(error);
  const providers = [...(client.started?.providers.values() ?? [])];
  let closingProviders: Promise<unknown> | undefined;
  const closeProviders = (): Promise<unknown> => {
    closingProviders ??= Promise.allSettled(providers.map((provider) => provider.close()));
    return closingProviders;
  };
  const steps = async (): Promise<void> => {
    await Promise.allSettled([...handles].map((handle) => handle.close()));
    await Promise.allSettled([...background]);
    // A store revokes with a login of its own, so it must still be open.
    await client.started?.entries.giveBack();
    await closeProviders();
  };
  await Promise.race([steps(), timeout]);
  // What never finishes must not keep the stores from closing.
  void closeProviders();
  scheduler.stop();
  release();
  report.close();
}
