import type { VersionSelector } from "../contract/contract.ts";
import type { Emit } from "../events/events.ts";
import type { Scheduler } from "../time/scheduler.ts";
import type { Entry } from "./store-source.ts";

/** What all entries of one client share. */
export interface EntryContext {
  readonly scheduler: Scheduler;
  readonly emit: Emit;
  /** How long an answer that nothing keeps fresh is good for; already jittered for this process. */
  readonly ttlMs: number;
  /** Work that closing the client must wait for. */
  track(work: Promise<void>): void;
  /** The entry for another version of the same path. */
  sibling(entry: Entry, version: VersionSelector): Entry;
}
