import type { ProviderHost, ProviderResult } from "@tacit/core/provider";
import type { VaultAnswer } from "../answer.ts";
import { malformed } from "./refusal.ts";

/** The members that are a credential; the others tell when it changes, and some of them are new with every read. */
const credentialFields = ["username", "password", "rsa_private_key", "private_key", "client_certificate"];
const mostWaitMs = 60_000;
/** More than any rotation period, and little enough for a Date. */
const mostTtlMs = 10 * 365 * 86_400_000;

/**
 * Reads the answer of `static-creds/<role>`. It is never `not-modified`: when to read again is new with every answer. That is
 * 1 to 5 s after the rotation that Vault expects; while a rotation is overdue, later by a tenth of the delay, up to 1 min.
 * @throws {SecretError} INTERNAL `malformed-answer`
 */
export function readStaticRole(
  answer: VaultAnswer,
  host: Pick<ProviderHost, "clock" | "random" | "contentVersion">,
): ProviderResult {
  const all = answer.fields();
  const fields = new Map([...(all ?? [])].filter(([name]) => credentialFields.includes(name)));
  if (!fields.has("username") || fields.size < 2) throw malformed("database");
  const payload = { kind: "fields", fields } as const;
  const data = answer.data as Readonly<Record<string, unknown>>;
  const rotated = lastRotation(data);
  const version = rotated?.text ?? host.contentVersion(payload);
  const now = host.clock.now();
  const waitMs = untilRotation(data, rotated?.at, answer.serverTime ?? now);
  const jitterMs = 1000 + 4000 * host.random();
  return {
    status: "ok",
    payload,
    version,
    createdAt: rotated?.at,
    refreshAt: waitMs === undefined ? undefined : new Date(now + waitMs + jitterMs),
  };
}

/** How long the current password still lasts; undefined where Vault does not say. */
function untilRotation(
  data: Readonly<Record<string, unknown>>,
  rotatedAt: Date | undefined,
  now: number,
): number | undefined {
  const ttlMs = milliseconds(data.ttl);
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

function milliseconds(seconds: unknown): number | undefined {
  return typeof seconds === "number" && Number.isFinite(seconds) ? seconds * 1000 : undefined;
}
