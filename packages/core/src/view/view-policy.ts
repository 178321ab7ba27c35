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

/** The options of a declaration beside reference and decoder; an undeclared reference has the defaults. */
export interface ViewPolicy<T> {
  readonly declared: boolean;
  readonly optional: boolean;
  readonly onDelete: "keep" | "clear";
  readonly mask: Masks;
  readonly accept?: Accept<T> | undefined;
}

/** A value that an earlier process held. */
export interface Restored {
  readonly payload: Payload;
  /** Wall milliseconds at which its store last confirmed it. */
  readonly confirmedAt: number;
}

/** Of which view a value is looked for. */
export interface RestorableView {
  readonly reference: Reference;
  readonly source: PayloadSource;
}

/** What views ask when a first load has failed. */
export interface ViewSnapshot {
  /** What an earlier process held for a view; undefined where nothing may be used. Never rejects. */
  find(view: RestorableView): Promise<Restored | undefined>;
  /** A view holds another value, or none any more. */
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
  /** Whether secrets are looked for in the environment because nobody said where else. */
  readonly isUnconfigured: boolean;
  /** Whether a first load waits until a value that was refused is taken after all. A mock, whose clock stands still, does not. */
  readonly waitsForRefused: boolean;
  /** Ends with the client. */
  readonly closed: AbortSignal;
  /** Present if the document has one. */
  readonly snapshot?: ViewSnapshot | undefined;
  readonly everyReveal?: ((secret: SnapshotSecret<unknown>) => void) | undefined;
}
