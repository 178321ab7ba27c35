import type { VersionSelector } from "../contract/contract.ts";
import type { Deliveries } from "../events/deliveries.ts";
import type { Emit } from "../events/events.ts";
import type { ConfiguredProvider } from "../provider/configured-provider.ts";
import type { Scheduler } from "../time/scheduler.ts";
import type { PayloadSource } from "./source.ts";

/** The state that all sources of one client share. */
export interface StoreContext {
  readonly scheduler: Scheduler;
  readonly emit: Emit;
  readonly deliveries: Deliveries;
  /**
   * The time, in milliseconds, for which an answer is fresh while nothing refreshes the source; already jittered for this
   * process.
   */
  readonly ttlMs: number;
  /** Registers work that closing the client must wait for. */
  track(work: Promise<void>): void;
  /** Returns the source of another version of the same path. */
  sibling(provider: ConfiguredProvider, path: string, version: VersionSelector): PayloadSource;
}
