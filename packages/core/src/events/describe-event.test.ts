import { expect, test } from "vitest";
import { describeEvent, eventTypes } from "./describe-event.ts";
import type { EventFacts } from "./event-facts.ts";

const read = { type: "read", provider: "mount", path: "db/primary", durationMs: 12.4 } as const;
const change = { type: "change", reference: "db", version: "v1", provider: "mount" } as const;
const failure = {
  type: "error",
  reference: "db",
  code: "UNAVAILABLE",
  reason: "timeout",
  message: "no answer",
} as const;
const lease = { provider: "vault", path: "creds/app" } as const;
const endsAt = new Date("2026-01-02T03:04:05Z");

const sentences: readonly [EventFacts, string, string][] = [
  [
    { type: "ready", secrets: { mount: 3, env: 1 }, absent: 0 },
    "info",
    '4 secrets are ready: 3 from "mount", 1 from "env"',
  ],
  [
    { type: "ready", secrets: { env: 1 }, absent: 1 },
    "info",
    '1 secret is ready: 1 from "env"; 1 optional secret does not exist',
  ],
  [{ type: "ready", secrets: {}, absent: 2 }, "info", "0 secrets are ready; 2 optional secrets do not exist"],
  [{ ...read, outcome: "ok" }, "debug", 'provider "mount" answered for "db/primary": ok, after 12 ms'],
  [{ ...change, reason: "initial" }, "debug", '"db" was loaded from provider "mount"'],
  [{ ...change, reason: "rotated" }, "info", '"db" has a new value from provider "mount"'],
  [{ ...change, reason: "recreated" }, "info", '"db" exists again in provider "mount"'],
  [{ ...change, reason: "lease" }, "info", '"db" has a new credential from provider "mount"'],
  [
    {
      type: "refused",
      reference: "db",
      version: "v2",
      provider: "mount",
      code: "REFUSED",
      reason: "schema",
      message: 'the value of "db" does not fit:\n  - port: invalid_type',
    },
    "warn",
    'the value of "db" does not fit: - port: invalid_type (REFUSED/schema)',
  ],
  [
    { type: "delete", reference: "db", served: true, required: true },
    "warn",
    '"db" was deleted from its store, its last good value is served',
  ],
  [
    { type: "delete", reference: "db", served: false, required: true },
    "error",
    '"db" was deleted from its store, nothing is served',
  ],
  [
    { type: "delete", reference: "db", served: false, required: false },
    "warn",
    '"db" was deleted from its store, nothing is served',
  ],
  [
    { type: "drop", reference: "db", version: "v1" },
    "warn",
    'a leaked value of "db" was dropped and is refused from now on',
  ],
  [
    { ...failure, served: true, required: true },
    "warn",
    '"db": no answer (UNAVAILABLE/timeout); its last good value is served',
  ],
  [{ ...failure, served: false, required: true }, "error", '"db": no answer (UNAVAILABLE/timeout); nothing is served'],
  [
    { type: "error", reference: "db", code: "PERMISSION_DENIED", served: false, required: false, message: "no" },
    "warn",
    '"db": no (PERMISSION_DENIED); nothing is served',
  ],
  [
    { type: "expired", reference: "db", code: "UNAVAILABLE", reason: "stale", required: true },
    "error",
    'the last good value of "db" is no longer served (UNAVAILABLE/stale)',
  ],
  [
    { type: "expired", reference: "db", code: "UNAVAILABLE", reason: "expired", required: false },
    "warn",
    'the last good value of "db" is no longer served (UNAVAILABLE/expired)',
  ],
  [
    { type: "snapshot", reference: "db", version: "v1", provider: "store", ageMs: 60_000 },
    "warn",
    '"db" is served from the snapshot, 60 seconds after its store confirmed it',
  ],
  [
    { type: "snapshot-failed", action: "write", code: "UNAVAILABLE", reason: "snapshot-file", message: "no space" },
    "warn",
    "the snapshot could not be written: no space (UNAVAILABLE/snapshot-file)",
  ],
  [{ type: "recovered", reference: "db", failures: 3 }, "info", '"db" can be read again, after 3 failures'],
  [
    { type: "lease-renewed", ...lease, durationMs: 60_000 },
    "debug",
    'provider "vault" renewed the lease of "creds/app" for 60 seconds',
  ],
  [
    { type: "lease-not-renewed", ...lease, code: "UNAVAILABLE" },
    "warn",
    'provider "vault" did not renew the lease of "creds/app" (UNAVAILABLE)',
  ],
  [
    { type: "lease-lost", ...lease },
    "warn",
    'provider "vault" no longer knows the lease of "creds/app"; a new one is requested',
  ],
  [
    { type: "lease-not-revoked", ...lease, code: "UNAVAILABLE", lease: "abc", endsAt },
    "warn",
    'provider "vault" did not revoke a lease of "creds/app" (UNAVAILABLE); it ends at 2026-01-02T03:04:05.000Z',
  ],
  [
    { type: "lease-not-revoked", ...lease, code: "UNAVAILABLE", lease: "abc", endsAt: new Date(Number.NaN) },
    "warn",
    'provider "vault" did not revoke a lease of "creds/app" (UNAVAILABLE); it ends by itself',
  ],
  [
    { type: "overdue", reference: "db", ageMs: 90_000 },
    "warn",
    '"db" is older than its rotation policy allows: 90 seconds',
  ],
  [{ type: "unmasked", reference: "db" }, "warn", '"db" has a value that is too short or too common to mask in output'],
  [
    { type: "provider-degraded", provider: "dr", code: "fallback", reference: "db" },
    "warn",
    '"db" is served by the fallback provider "dr"',
  ],
  [
    { type: "provider-degraded", provider: "mount", code: "push-lost" },
    "warn",
    'provider "mount" cannot push changes; they are found by polling',
  ],
  [
    { type: "provider-degraded", provider: "env", code: "env-in-production", tip: "Mount files instead." },
    "warn",
    'provider "env": Mount files instead. (env-in-production)',
  ],
  [
    { type: "provider-degraded", provider: "vault", code: "UNAVAILABLE" },
    "warn",
    'provider "vault" does not answer (UNAVAILABLE)',
  ],
  [{ type: "provider-recovered", provider: "vault" }, "info", 'provider "vault" answers again'],
  [
    { type: "listener-failed", event: "change", name: "TypeError", reference: "db" },
    "error",
    'a listener of "change" for "db" failed with TypeError',
  ],
  [
    { type: "listener-failed", event: "derive.open", name: "Error", reference: "db", message: "Error 28P01" },
    "error",
    'a listener of "derive.open" for "db" failed with Error: Error 28P01',
  ],
  [
    {
      type: "listener-failed",
      event: "change",
      name: "FetchError",
      reference: "db",
      cause: { name: "FetchError", code: "ECONNREFUSED", status: 502 },
    },
    "error",
    'a listener of "change" for "db" failed with FetchError ECONNREFUSED 502',
  ],
  [{ type: "listener-failed", event: "task", name: "Error" }, "error", 'a listener of "task" failed with Error'],
  [{ type: "hit", reference: "db" }, "debug", '"db" was read from the cache'],
  [{ type: "reveal", reference: "db", version: "v1" }, "debug", '"db" was revealed'],
];

test.each(sentences)("%j is described at %s: %s", (facts, level, message) => {
  expect(describeEvent(facts)).toEqual({ level, message });
});

test("every event type has a description", () => {
  expect(new Set(sentences.map(([{ type }]) => type))).toEqual(new Set(eventTypes));
});

test("a name cannot begin a new line in a log", () => {
  const { message } = describeEvent({ type: "hit", reference: 'a"\nlevel=fatal' });
  expect(message).toBe('"a\\"\\nlevel=fatal" was read from the cache');
});
