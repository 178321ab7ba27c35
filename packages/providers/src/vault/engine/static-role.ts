import type { ProviderHost, ProviderResult } from "@tacit/core/provider";
import { RecentPaths } from "../../shared/recent-paths.ts";
import type { VaultAnswer } from "../../shared/vault/answer.ts";
import { malformed } from "./refusal.ts";

/** The members that are a credential of a database; the others tell when it changes. */
const databaseFields = ["username", "password", "rsa_private_key", "private_key", "client_certificate"];
/** The members that tell when any credential changes; some of them are new with every read. */
const scheduleFields = [
  "ttl",
  "last_vault_rotation",
  "last_openbao_rotation",
  "rotation_period",
  "rotation_schedule",
  "rotation_window",
  "rotation_policy",
  "expiration",
];
const mostWaitMs = 60_000;
/** A rotation that has not come by then is not waited for any more: Vault may leave one out, and tells the next one. */
const longestOverdueMs = 3_600_000;
/** More than any rotation period, and little enough for a Date. */
const mostTtlMs = 10 * 365 * 86_400_000;
const mostPaths = 1000;

/**
 * Whether an answer without a lease is a credential that Vault rotates by itself. Static roles look alike in every engine, but for
 * that of AWS, which tells the moment of its next rotation as an end.
 * @param path below the mount
 * @see https://developer.hashicorp.com/vault/api-docs/secret/ldap#static-role-passwords
 */
export function isStaticRole(path: string, { data }: Pick<VaultAnswer, "data">): boolean {
  if (/^static-creds?\//.test(path)) return true;
  const told = (data ?? {}) as Readonly<Record<string, unknown>>;
  const rotates = ["rotation_period", "rotation_schedule"].some((name) => name in told) && "ttl" in told;
  return rotates || lastRotation(told) !== undefined;
}

/** What is remembered of a role. */
interface Announcement {
  readonly version: string;
  /** Monotonic time of the rotation that Vault expected. */
  readonly dueAt: number;
}

/** Reads the static roles of one mount. */
export class StaticRoles {
  readonly #host: Pick<ProviderHost, "clock" | "random" | "contentVersion">;
  readonly #kind: "database" | "generic";
  /** path -> what the last answer announced */
  readonly #announced = new RecentPaths<Announcement>(mostPaths);

  constructor(host: Pick<ProviderHost, "clock" | "random" | "contentVersion">, kind: "database" | "generic") {
    this.#host = host;
    this.#kind = kind;
  }

  /**
   * Reads an answer. It is never `not-modified`: when to read again is new with every answer. That is 1 to 5 s after the
   * rotation that Vault expects; while a rotation is overdue, later by a tenth of the delay, up to 1 min.
   * @param all the fields of the answer
   * @throws {SecretError} INTERNAL `malformed-answer`
   */
  read(path: string, answer: VaultAnswer, all: ReadonlyMap<string, Uint8Array> | undefined): ProviderResult {
    const fields = new Map([...(all ?? [])].filter(([name]) => this.#isCredential(name)));
    const isWhole = this.#kind === "database" ? fields.has("username") && fields.size > 1 : fields.size > 0;
    if (!isWhole) throw malformed(this.#kind);
    const payload = { kind: "fields", fields } as const;
    const data = answer.data as Readonly<Record<string, unknown>>;
    const rotated = lastRotation(data);
    const content = this.#host.contentVersion(payload);
    const version = this.#kind === "database" ? (rotated?.text ?? content) : content;
    const now = this.#host.clock.now();
    const told = untilRotation(data, rotated?.at, answer.serverTime ?? now);
    const waitMs = told === undefined ? undefined : this.#untilReading(path, version, told);
    const jitterMs = 1000 + 4000 * this.#host.random();
    return {
      status: "ok",
      payload,
      version,
      createdAt: rotated?.at,
      refreshAt: waitMs === undefined ? undefined : new Date(now + waitMs + jitterMs),
    };
  }

  /** A database has columns of other kinds, such as the name of its connection; elsewhere whatever tells no time is content. */
  #isCredential(name: string): boolean {
    return this.#kind === "database" ? databaseFields.includes(name) : !scheduleFields.includes(name);
  }

  /**
   * With a schedule, Vault's `ttl` starts anew at the moment of a rotation, and the password changes seconds to minutes later.
   * So a rotation is known by its mark alone: as long as that is the same after the announced moment, it is overdue.
   */
  #untilReading(path: string, version: string, toldMs: number): number {
    const now = this.#host.clock.monotonic();
    const former = this.#announced.get(path);
    const overdueMs = former === undefined || former.version !== version ? -1 : now - former.dueAt;
    if (overdueMs >= 0 && overdueMs < longestOverdueMs) return Math.min(toldMs, overdueMs / 10, mostWaitMs);
    this.#announced.add(path, { version, dueAt: now + toldMs });
    return toldMs;
  }
}

/** How long the current password still lasts; undefined where Vault does not say. */
function untilRotation(
  data: Readonly<Record<string, unknown>>,
  rotatedAt: Date | undefined,
  now: number,
): number | undefined {
  const ttlMs = milliseconds(data.ttl) ?? untilMoment(data.expiration, now);
  if (ttlMs === undefined) return undefined;
  if (ttlMs > 0) return Math.min(ttlMs, mostTtlMs);
  const periodMs = milliseconds(data.rotation_period);
  const overdueMs = rotatedAt === undefined || periodMs === undefined ? 0 : now - rotatedAt.getTime() - periodMs;
  return Math.min(Math.max(-ttlMs, overdueMs, 0) / 10, mostWaitMs);
}

function lastRotation(
  data: Readonly<Record<string, unknown>>,
): { readonly text: string; readonly at: Date } | undefined {
  // OpenBao documents a name of its own for it.
  const text = data.last_vault_rotation ?? data.last_openbao_rotation;
  if (typeof text !== "string") return undefined;
  const at = new Date(text);
  // Go prints the zero time for "never".
  return Number.isNaN(at.getTime()) || at.getTime() <= 0 ? undefined : { text, at };
}

function untilMoment(text: unknown, now: number): number | undefined {
  const at = typeof text === "string" ? Date.parse(text) : Number.NaN;
  return at > 0 ? at - now : undefined;
}

function milliseconds(seconds: unknown): number | undefined {
  return typeof seconds === "number" && Number.isFinite(seconds) ? seconds * 1000 : undefined;
}
