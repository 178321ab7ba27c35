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
  const steps = async (): Promise<void> => {
    await Promise.allSettled([...handles].map((handle) => handle.close()));
    await Promise.allSettled([...background]);
    await Promise.allSettled(providers.map((provider) => provider.close()));
  };
  await Promise.race([steps(), timeout]);
  scheduler.stop();
  release();
  report.close();
}
