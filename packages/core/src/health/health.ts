import type { ErrorCause } from "../error/error-details.ts";
import type { SchemaIssue, SecretErrorCode } from "../error/secret-error.ts";
import type { ProviderHealth } from "../provider/provider-health.ts";

/** What a service may show of its secrets; a readiness probe is red for `starting` and `down` only. */
export interface Health {
  /** degraded: everything is served, something needs an operator. down: a required secret has no servable value. */
  readonly status: "starting" | "ok" | "degraded" | "down" | "closed";
  readonly secrets: readonly SecretHealth[];
  readonly providers: readonly ProviderHealth[];
  /** Where the document has a snapshot. */
  readonly snapshot?: SnapshotHealth;
}

/** Whether a later start could use the snapshot. */
export interface SnapshotHealth {
  /** When this process wrote it last. */
  readonly writtenAt?: Date;
  /** Why it could not be written or removed, since the last time that it could. */
  readonly code?: SecretErrorCode;
  readonly reason?: string;
  readonly message?: string;
}

/**
 * One secret. live: confirmed by its last read. stale, denied, deleted: served from the last good value. absent: optional,
 * and not there. down: not served.
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
  /** It was restored from the snapshot, and no store has confirmed it since. */
  readonly snapshot?: true;
  readonly expiresAt?: Date;
  readonly code?: SecretErrorCode;
  readonly reason?: string;
  /** What is wrong, in words. There is nothing of a value in it. */
  readonly message?: string;
  /** The error behind it, where another one is. */
  readonly cause?: ErrorCause;
  /** Where a schema refused the value, where one did. */
  readonly issues?: readonly SchemaIssue[];
  /** Older than its declaration's `rotateEvery`. */
  readonly overdue?: true;
}
