import type { ErrorCause, ErrorDetails } from "../error/error-details.ts";
import type { SecretErrorCode } from "../error/secret-error.ts";
import type { ChangeReason } from "./change-reason.ts";

/** The facts of each event type: names, versions, codes and ages, but never a value, its length or its hash. */
export type EventFacts =
  | {
      /** The first `ready()` that succeeded. */
      readonly type: "ready";
      /** provider -> number of declared secrets that it serves */
      readonly secrets: Readonly<Record<string, number>>;
      /** The number of optional secrets that do not exist. */
      readonly absent: number;
    }
  | {
      readonly type: "read";
      readonly provider: string;
      readonly path: string;
      readonly outcome: "ok" | "not-found" | SecretErrorCode;
      readonly durationMs: number;
      readonly version?: string;
    }
  | {
      readonly type: "change";
      readonly reference: string;
      readonly version: string;
      readonly provider: string;
      readonly reason: ChangeReason;
    }
  | ({
      readonly type: "refused";
      readonly reference: string;
      readonly version: string;
      readonly provider: string;
      readonly code: SecretErrorCode;
      readonly reason: string;
    } & ErrorDetails)
  | {
      readonly type: "delete";
      readonly reference: string;
      /** Whether the last good value is still served. */
      readonly served: boolean;
      /** Whether the secret is declared and not optional. */
      readonly required: boolean;
    }
  | {
      /** A leaked value was dropped: it is no longer served, and refused if the store returns it again. */
      readonly type: "drop";
      readonly reference: string;
      readonly version: string;
    }
  | ({
      readonly type: "error";
      readonly reference: string;
      readonly code: SecretErrorCode;
      readonly reason?: string;
      readonly ageMs?: number;
      /** Whether the last good value is still served. */
      readonly served: boolean;
      /** Whether the secret is declared and not optional. */
      readonly required: boolean;
    } & ErrorDetails)
  | {
      /** The last good value has expired or reached `maxStale`: nothing is served until there is a new one. */
      readonly type: "expired";
      readonly reference: string;
      readonly code: SecretErrorCode;
      readonly reason: string;
      /** Whether the secret is declared and not optional. */
      readonly required: boolean;
    }
  | {
      /** The first load failed for every store, so a value of the snapshot is served. */
      readonly type: "snapshot";
      readonly reference: string;
      readonly version: string;
      readonly provider: string;
      /** Milliseconds since its store last confirmed the value. */
      readonly ageMs: number;
    }
  | ({
      /** The snapshot could not be used, written or removed. */
      readonly type: "snapshot-failed";
      readonly action: "read" | "write" | "remove";
      readonly reference?: string;
      readonly code: SecretErrorCode;
      readonly reason?: string;
    } & ErrorDetails)
  | { readonly type: "recovered"; readonly reference: string; readonly failures: number }
  | { readonly type: "lease-renewed"; readonly provider: string; readonly path: string; readonly durationMs: number }
  | {
      readonly type: "lease-not-renewed";
      readonly provider: string;
      readonly path: string;
      readonly code: SecretErrorCode;
    }
  | { readonly type: "lease-lost"; readonly provider: string; readonly path: string }
  | {
      readonly type: "lease-not-revoked";
      readonly provider: string;
      readonly path: string;
      readonly code: SecretErrorCode;
      /** The store's id of the lease, with which an operator can revoke it. */
      readonly lease: string;
      /** The time at which the lease expires. */
      readonly endsAt: Date;
    }
  | { readonly type: "overdue"; readonly reference: string; readonly ageMs: number }
  | { readonly type: "unmasked"; readonly reference: string }
  | {
      readonly type: "provider-degraded";
      readonly provider: string;
      readonly code: string;
      readonly reference?: string;
      readonly tip?: string;
    }
  | { readonly type: "provider-recovered"; readonly provider: string }
  | {
      readonly type: "listener-failed";
      readonly reference?: string;
      readonly event: string;
      /** The class of the thrown value. */
      readonly name: string;
      /** Present if the thrown value has a code or an HTTP status. */
      readonly cause?: ErrorCause;
      /** The masked message of the error, if `open` of a derived resource threw it. */
      readonly message?: string;
    }
  | { readonly type: "hit"; readonly reference: string }
  | { readonly type: "reveal"; readonly reference: string; readonly version: string };

/** The severity of an event. `error` means that a required secret is not served, or that application code failed. */
export type SecretEventLevel = "debug" | "info" | "warn" | "error";

/** The description that every event has besides its facts. */
export interface EventDescription {
  readonly level: SecretEventLevel;
  /** One English sentence with names and codes, never a value. */
  readonly message: string;
}
