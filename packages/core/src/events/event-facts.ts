import type { ErrorCause, ErrorDetails } from "../error/error-details.ts";
import type { SecretErrorCode } from "../error/secret-error.ts";
import type { ChangeReason } from "./change-reason.ts";

/** Everything that a client reports. Names, versions, codes and ages; never a value, its length or a hash of it. */
export type EventFacts =
  | {
      /** The first `ready()` that succeeded. */
      readonly type: "ready";
      /** provider -> how many of the declared secrets it serves */
      readonly secrets: Readonly<Record<string, number>>;
      /** How many optional secrets do not exist. */
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
      /** A leaked value is no longer served, and refused from now on. */
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
      /** No store answered the first load: a value of the snapshot is served. */
      readonly type: "snapshot";
      readonly reference: string;
      readonly version: string;
      readonly provider: string;
      /** Since its store last confirmed it. */
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
      /** The store's id of the lease, to revoke it by hand. */
      readonly lease: string;
      /** When it expires. */
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
      /** For `open` of a derived resource: the thrown message, masked. */
      readonly message?: string;
    }
  | { readonly type: "hit"; readonly reference: string }
  | { readonly type: "reveal"; readonly reference: string; readonly version: string };

/** How much an event matters. error: a required secret is not served, or the application's own code failed. */
export type SecretEventLevel = "debug" | "info" | "warn" | "error";

/** The description that every event has beside its facts. */
export interface EventDescription {
  readonly level: SecretEventLevel;
  /** One sentence in plain English; names and codes, never a value. */
  readonly message: string;
}
