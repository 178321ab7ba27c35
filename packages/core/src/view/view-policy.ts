import type { Deliveries } from "../events/deliveries.ts";
import type { Emit } from "../events/events.ts";
import type { Reference } from "../name/reference.ts";
import type { Masks } from "../redact/mask-policy.ts";
import type { Redactor } from "../redact/redactor.ts";
import type { SnapshotSecret } from "../secret/secret.ts";
import type { Payload, PayloadSource } from "../source/source.ts";
import type { Scheduler } from "../time/scheduler.ts";
import type { Accept } from "./accept.ts";
import type { Bans } from "./bans.ts";

/** The options of a declaration other than reference and decoder; an undeclared reference has the defaults. */
export interface ViewPolicy<T> {
  readonly declared: boolean;
  readonly optional: boolean;
  readonly onDelete: "keep" | "clear";
  readonly mask: Masks;
  readonly accept?: Accept<T> | undefined;
}

/** A value of an earlier process. */
export interface Restored {
  readonly payload: Payload;
  /** Wall time, in milliseconds, at which its store last confirmed it. */
  readonly confirmedAt: number;
}

/** The parts of a view that identify its value in a snapshot. */
export interface RestorableView {
  readonly reference: Reference;
  readonly source: PayloadSource;
}

/** The source of values after a first load has failed. */
export interface ViewSnapshot {
  /** Returns the value of an earlier process for a view; undefined if none may be used. Never rejects. */
  find(view: RestorableView): Promise<Restored | undefined>;
  /** Called when a view holds another value, or none any more. */
  onChange(): void;
}

/** The state that all views of one client share. */
export interface ViewContext {
  readonly scheduler: Scheduler;
  readonly emit: Emit;
  readonly deliveries: Deliveries;
  readonly redactor: Redactor;
  readonly bans: Bans;
  readonly maxStaleMs: number;
  readonly onDenied: "keep" | "throw";
  /** Whether secrets are read from the environment because no configuration was given. */
  readonly isUnconfigured: boolean;
  /** Whether a first load waits for a refused value to be adopted later. A mock, whose clock stands still, does not. */
  readonly waitsForRefused: boolean;
  /** Aborts when the client closes. */
  readonly closed: AbortSignal;
  /** Present if the config document has a snapshot. */
  readonly snapshot?: ViewSnapshot | undefined;
  readonly everyReveal?: ((secret: SnapshotSecret<unknown>) => void) | undefined;
}
