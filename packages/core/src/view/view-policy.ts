import type { Deliveries } from "../events/deliveries.ts";
import type { Emit } from "../events/events.ts";
import type { Masks } from "../redact/mask-policy.ts";
import type { Redactor } from "../redact/redactor.ts";
import type { SnapshotSecret } from "../secret/secret.ts";
import type { Scheduler } from "../time/scheduler.ts";
import type { Accept } from "./accept.ts";
import type { Bans } from "./bans.ts";

/** What a declaration says beside reference and decoder; an undeclared reference has the defaults. */
export interface ViewPolicy<T> {
  readonly declared: boolean;
  readonly optional: boolean;
  readonly onDelete: "keep" | "clear";
  readonly mask: Masks;
  readonly accept?: Accept<T> | undefined;
}

/** What all views of one client share. */
export interface ViewContext {
  readonly scheduler: Scheduler;
  readonly emit: Emit;
  readonly deliveries: Deliveries;
  readonly redactor: Redactor;
  readonly bans: Bans;
  readonly maxStaleMs: number;
  readonly onDenied: "keep" | "throw";
  /** Whether secrets are looked for in the environment because nobody said where else. */
  readonly isUnconfigured: boolean;
  /** Whether a first load waits until a value that was refused is taken after all. A mock, whose clock stands still, does not. */
  readonly waitsForRefused: boolean;
  /** Ends with the client. */
  readonly closed: AbortSignal;
  readonly everyReveal?: ((secret: SnapshotSecret<unknown>) => void) | undefined;
}
