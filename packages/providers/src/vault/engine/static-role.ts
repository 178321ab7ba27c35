import type { ProviderHost, ProviderResult } from "@tacit/core/provider";
import { RecentPaths } from "../../shared/recent-paths.ts";
import type { VaultAnswer } from "../../shared/vault/answer.ts";
import { malformed } from "./refusal.ts";

/** The members of a database credential; the others are its schedule or name its connection. */
const databaseFields = ["username", "password", "rsa_private_key", "private_key", "client_certificate"];
/** The members of the rotation schedule, some of which differ in each response. */
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
/** An overdue rotation is not awaited for longer: Vault may skip one, and then announces the next. */
const longestOverdueMs = 3_600_000;
/** Longer than any rotation period, and within the range of a Date. */
const mostTtlMs = 10 * 365 * 86_400_000;
const mostPaths = 1000;

/**
 * Returns whether a response without a lease is a static role, whose credential Vault rotates. Static roles have the same members in
 * all engines, except in that of AWS, which announces the next rotation as `expiration`.
 * @param path the path below the mount
 * @see https://developer.hashicorp.com/vault/api-docs/secret/ldap#static-role-passwords
 */
export function isStaticRole(path: string, { data }: Pick<VaultAnswer, "data">): boolean {
  if (/^static-creds?\//.test(path)) return true;
  const members = (data ?? {}) as Readonly<Record<string, unknown>>;
  const rotates = ["rotation_period", "rotation_schedule"].some((name) => name in members) && "ttl" in members;
  return rotates || lastRotation(members) !== undefined;
}

/** The announced rotation of a role. */
interface Announcement {
  readonly version: string;
  /** The monotonic time of the announced rotation. */
  readonly dueAt: number;
}

/** Reads the static roles of one mount. */
export class StaticRoles {
  readonly #host: Pick<ProviderHost, "clock" | "random" | "contentVersion">;
  readonly #kind: "database" | "generic";
  /** path -> the last announcement */
  readonly #announced = new RecentPaths<Announcement>(mostPaths);

  constructor(host: Pick<ProviderHost, "clock" | "random" | "contentVersion">, kind: "database" | "generic") {
    this.#host = host;
    this.#kind = kind;
  }

  /**
   * Converts a response to a result. It is never `not-modified`, because `refreshAt` differs in each response: 1 to 5 s after the
   * announced rotation; while a rotation is overdue, after a tenth of the delay, at most 1 min, plus these seconds.
   * @param all the fields of the response
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
    const announcedMs = untilRotation(data, rotated?.at, answer.serverTime ?? now);
    const waitMs = announcedMs === undefined ? undefined : this.#untilReading(path, version, announcedMs);
    const jitterMs = 1000 + 4000 * this.#host.random();
    return {
      status: "ok",
      payload,
      version,
      createdAt: rotated?.at,
      refreshAt: waitMs === undefined ? undefined : new Date(now + waitMs + jitterMs),
    };
  }

  /** Returns whether a member is part of the credential: for a database, one of a list; otherwise any that is not part of the schedule. */
  #isCredential(name: string): boolean {
    return this.#kind === "database" ? databaseFields.includes(name) : !scheduleFields.includes(name);
  }

  /**
   * Returns the time until the next read. With a schedule, `ttl` restarts at the time of a rotation, but the password changes seconds
   * to minutes later. So only a new version shows a rotation; until then it is overdue.
   */
  #untilReading(path: string, version: string, announcedMs: number): number {
    const now = this.#host.clock.monotonic();
    const former = this.#announced.get(path);
    const overdueMs = former === undefined || former.version !== version ? -1 : now - former.dueAt;
    if (overdueMs >= 0 && overdueMs < longestOverdueMs) return Math.min(announcedMs, overdueMs / 10, mostWaitMs);
    this.#announced.add(path, { version, dueAt: now + announcedMs });
    return announcedMs;
  }
}

/** Returns the time until the next rotation, or the next read if it is overdue; undefined if Vault does not announce it. */
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
  // OpenBao documents another name.
  const text = data.last_vault_rotation ?? data.last_openbao_rotation;
  if (typeof text !== "string") return undefined;
  const at = new Date(text);
  // The zero time of Go means that there was no rotation.
  return Number.isNaN(at.getTime()) || at.getTime() <= 0 ? undefined : { text, at };
}

function untilMoment(text: unknown, now: number): number | undefined {
  const at = typeof text === "string" ? Date.parse(text) : Number.NaN;
  return at > 0 ? at - now : undefined;
}

function milliseconds(seconds: unknown): number | undefined {
  return typeof seconds === "number" && Number.isFinite(seconds) ? seconds * 1000 : undefined;
}
