import { closed } from "../view/view-problem.ts";
import type { Client } from "./client.ts";

/** Closes a client: readers first, then handles and leases, then the stores. Ends at the timeout, whatever providers do. */
export async function close(client: Client, timeoutMs: number): Promise<void> {
  const { scheduler, closing, handles, background, report } = client;
  const release = scheduler.hold();
  const { promise: timeout, resolve } = Promise.withResolvers<void>();
  scheduler.after(timeoutMs, resolve);
  const { promise: half, resolve: onHalf } = Promise.withResolvers<void>();
  scheduler.after(timeoutMs / 2, onHalf);
  const error = closed();
  for (const previous of client.previous.values()) previous.close(error);
  for (const view of client.allViews()) view.close(error);
  closing.abort(error);
  const providers = [...(client.started?.providers.values() ?? [])];
  let closingProviders: Promise<unknown> | undefined;
  const closeProviders = (): Promise<unknown> => {
    closingProviders ??= Promise.allSettled(providers.map((provider) => provider.close()));
    return closingProviders;
  };
  let givingBack: Promise<void> | undefined;
  const endUses = async (): Promise<void> => {
    await Promise.allSettled([...handles].map((handle) => handle.close()));
    await Promise.allSettled([...background]);
  };
  const steps = async (): Promise<void> => {
    const ending = endUses();
    // A pool that never drains must not prevent the revocation of its credential.
    await Promise.race([ending, half]);
    // A store needs its login to revoke leases, so it is closed later.
    givingBack = client.started?.sources.giveBack();
    await Promise.all([ending, givingBack, client.snapshot?.close()]);
    await closeProviders();
  };
  await Promise.race([steps(), timeout]);
  client.snapshot?.abandon();
  for (const provider of providers) provider.abandon();
  await givingBack;
  // The stores are closed even if an earlier step has not ended.
  void closeProviders();
  scheduler.stop();
  release();
  report.close();
}
