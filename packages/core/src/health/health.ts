import type { ErrorCause } from "../error/error-details.ts";
import type { SchemaIssue, SecretErrorCode } from "../error/secret-error.ts";
import type { ProviderHealth } from "../provider/provider-health.ts";

/** The state of a service's secrets, safe to publish. A readiness probe should fail only for `starting` and `down`. */
export interface Health {
  /**
   * `degraded`: every required secret is served, but an operator should look. `down`: a required secret has no servable value.
   */
  readonly status: "starting" | "ok" | "degraded" | "down" | "closed";
  readonly secrets: readonly SecretHealth[];
  readonly providers: readonly ProviderHealth[];
  /** Present if the document has a snapshot. */
  readonly snapshot?: SnapshotHealth;
}

/** Whether a later start could use the snapshot. */
export interface SnapshotHealth {
  /** The time at which this process last wrote it. */
  readonly writtenAt?: Date;
  /** The code of the failure to write or remove it, if one happened since the last success. */
  readonly code?: SecretErrorCode;
  readonly reason?: string;
  readonly message?: string;
}

/**
 * The health of one secret. `live`: the last read confirmed it. `stale`, `denied`, `deleted`: its last good value is served.
 * `absent`: it is optional and does not exist. `down`: it is not served.
 */
export interface SecretHealth {
  readonly reference: string;
  readonly alias?: string;
  readonly required: boolean;
  readonly state: "starting" | "live" | "stale" | "denied" | "deleted" | "absent" | "down";
  /** Milliseconds since the store last confirmed the served value. */
  readonly ageMs?: number;
  readonly version?: string;
  /** The provider that served it. */
  readonly provider?: string;
  readonly fallback?: boolean;
  /** Present if the value is from the snapshot and no store has confirmed it since. */
  readonly snapshot?: true;
  readonly expiresAt?: Date;
  readonly code?: SecretErrorCode;
  readonly reason?: string;
  /** A description of the problem without any part of a value. */
  readonly message?: string;
  /** The error that caused the problem, if there is one. */
  readonly cause?: ErrorCause;
  /** The places at which a schema refused the value, if one did. */
  readonly issues?: readonly SchemaIssue[];
  /** Present if the value is older than its declaration's `rotateEvery`. */
  readonly overdue?: true;
}
