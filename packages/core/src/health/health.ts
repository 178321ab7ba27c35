import type { ErrorCause } from "../error/error-details.ts";
import type { SchemaIssue, SecretErrorCode } from "../error/secret-error.ts";
import type { ProviderHealth } from "../provider/provider-health.ts";

/** The state of a service's secrets, safe to show; a readiness probe fails only for `starting` and `down`. */
export interface Health {
  /** degraded: everything is served, something needs an operator. down: a required secret has no servable value. */
  readonly status: "starting" | "ok" | "degraded" | "down" | "closed";
  readonly secrets: readonly SecretHealth[];
  readonly providers: readonly ProviderHealth[];
  /** Present if the document has a snapshot. */
  readonly snapshot?: SnapshotHealth;
}

/** Whether a later start could use the snapshot. */
export interface SnapshotHealth {
  /** When this process wrote it last. */
  readonly writtenAt?: Date;
  /** The reason that it could not be written or removed, since the last success. */
  readonly code?: SecretErrorCode;
  readonly reason?: string;
  readonly message?: string;
}

/**
 * One secret. live: confirmed by its last read. stale, denied, deleted: served from the last good value. absent: optional, and
 * missing. down: not served.
 */
export interface SecretHealth {
  readonly reference: string;
  readonly alias?: string;
  readonly required: boolean;
  readonly state: "starting" | "live" | "stale" | "denied" | "deleted" | "absent" | "down";
  /** Milliseconds since the store last confirmed what is served. */
  readonly ageMs?: number;
  readonly version?: string;
  /** The provider that served it. */
  readonly provider?: string;
  readonly fallback?: boolean;
  /** Whether it was restored from the snapshot, and no store has confirmed it since. */
  readonly snapshot?: true;
  readonly expiresAt?: Date;
  readonly code?: SecretErrorCode;
  readonly reason?: string;
  /** The problem in words. It contains no part of a value. */
  readonly message?: string;
  /** The error that caused it, if there is one. */
  readonly cause?: ErrorCause;
  /** The places at which a schema refused the value, if one did. */
  readonly issues?: readonly SchemaIssue[];
  /** Older than its declaration's `rotateEvery`. */
  readonly overdue?: true;
}
