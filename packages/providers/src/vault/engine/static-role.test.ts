import { afterEach, beforeEach, expect, test } from "vitest";
import { rejection } from "../../../test/http-fixture.ts";
import {
  type EngineFixture,
  type OkResult,
  openEngineFixture,
  readOk,
  textsOf,
} from "../../../test/vault/engine-fixture.ts";

const options = { mounts: { database: { engine: "database" } } };
const rotated = "2025-12-31T23:00:00.123456789Z";
const role = {
  username: "app",
  password: "s3cret-fixture",
  ttl: 1800,
  rotation_period: 5400,
  last_vault_rotation: rotated,
};
let fixture: EngineFixture;
beforeEach(async () => {
  fixture = await openEngineFixture();
});
afterEach(() => fixture[Symbol.asyncDispose]());

async function read(data: Readonly<Record<string, unknown>>): Promise<OkResult> {
  fixture.engines.database.staticRoles.set("app", data);
  const provider = await fixture.open(options);
  return readOk(provider, "database/static-creds/app");
}

/** Returns the time until the next read. */
async function waitMs(data: Readonly<Record<string, unknown>>): Promise<number | undefined> {
  const { refreshAt } = await read(data);
  return refreshAt === undefined ? undefined : refreshAt.getTime() - fixture.clock.now();
}

test("contains only the credential, with the version of its last rotation and no lease", async () => {
  const result = await read(role);
  expect(textsOf(result)).toEqual({ username: "app", password: "s3cret-fixture" });
  expect(result).toMatchObject({ version: rotated, createdAt: new Date(rotated) });
  expect(result.lease ?? result.expiresAt).toBeUndefined();
});

test("reads the member that OpenBao documents for the last rotation", async () => {
  const { last_vault_rotation, ...rest } = role;
  expect(await read({ ...rest, last_openbao_rotation: last_vault_rotation })).toMatchObject({ version: rotated });
});

test.each([undefined, "never", 5, "0001-01-01T00:00:00Z"])(
  "has a version of the content without the time of a rotation: %j",
  async (last) => {
    const first = await read({ ...role, last_vault_rotation: last });
    const changed = await read({ ...role, last_vault_rotation: last, password: "s3cret-fixture-2" });
    expect(first.createdAt).toBeUndefined();
    expect([first.version === "", first.version === changed.version]).toEqual([false, false]);
  },
);

test("accepts a private key instead of a password", async () => {
  const { password: _, ...rest } = role;
  const result = await read({ ...rest, rsa_private_key: "s3cret-fixture-key" });
  expect(textsOf(result)).toEqual({ username: "app", rsa_private_key: "s3cret-fixture-key" });
});

test("keeps its version when only the time until the rotation, a schedule or a window changes", async () => {
  const { rotation_period: _, ...rest } = role;
  const first = await read({ ...rest, rotation_schedule: "0 0 * * SAT", rotation_window: 3600 });
  const later = await read({ ...rest, ttl: 900, rotation_schedule: "0 0 * * SUN", rotation_window: 7200 });
  expect([textsOf(later), later.version]).toEqual([textsOf(first), first.version]);
});

// With random = 0.5, the jitter is 3 s.
test.each([
  [1800, 1_803_000],
  [0.4, 3400],
  [0, 3000],
  [-1, 3100],
  [-120, 15_000],
  [-86_400, 63_000],
  [1e300, 10 * 365 * 86_400_000 + 3000],
])("is read again 1 to 5 s after a ttl of %d s, later while the rotation is overdue", async (ttl, expected) => {
  expect(await waitMs({ ...role, ttl, rotation_period: undefined })).toBe(expected);
});

test("detects an overdue rotation from the period, by Vault's clock", async () => {
  fixture.skewMs = 3_600_000;
  // By Vault's clock, the rotation is overdue by 0.5 h, a tenth of which is above the limit.
  expect(await waitMs({ ...role, ttl: 0 })).toBe(63_000);
  fixture.skewMs = 0;
  expect(await waitMs({ ...role, ttl: 0 })).toBe(3000);
});

test("is awaited until its version changes, if the ttl restarts before the password changes", async () => {
  const scheduled = { ...role, rotation_period: undefined, rotation_schedule: "0 * * * *" };
  const { staticRoles } = fixture.engines.database;
  const provider = await fixture.open(options);
  const nextMs = async (data: object): Promise<number | undefined> => {
    staticRoles.set("app", data as typeof role);
    const { refreshAt } = await readOk(provider, "database/static-creds/app");
    return refreshAt && refreshAt.getTime() - fixture.clock.now();
  };
  expect(await nextMs({ ...scheduled, ttl: 4 })).toBe(7000);
  // A poll before the announced time does not show an overdue rotation.
  await fixture.clock.advance(2000);
  expect(await nextMs({ ...scheduled, ttl: 2 })).toBe(5000);
  await fixture.clock.advance(5000);
  expect(await nextMs({ ...scheduled, ttl: 3597 })).toBe(3300);
  await fixture.clock.advance(10_000);
  expect(await nextMs({ ...scheduled, ttl: 3587 })).toBe(4300);
  const rotatedNow = { ...scheduled, password: "s3cret-fixture-2", last_vault_rotation: "2026-01-01T00:00:12Z" };
  expect(await nextMs({ ...rotatedNow, ttl: 3585 })).toBe(3_588_000);
});

test("is not awaited for longer than an hour, since Vault may skip a rotation", async () => {
  const scheduled = { ...role, rotation_period: undefined, rotation_schedule: "0 0 * * *" };
  fixture.engines.database.staticRoles.set("app", { ...scheduled, ttl: 1 });
  const provider = await fixture.open(options);
  await readOk(provider, "database/static-creds/app");
  await fixture.clock.advance(3_601_000);
  fixture.engines.database.staticRoles.set("app", { ...scheduled, ttl: 80_000 });
  const { refreshAt } = await readOk(provider, "database/static-creds/app");
  expect(refreshAt?.getTime()).toBe(fixture.clock.now() + 80_003_000);
});

test.each([undefined, null, "1800", {}])("has no time of the next read if the ttl is not a number: %j", async (ttl) => {
  expect(await waitMs({ ...role, ttl })).toBeUndefined();
});

test("is never not-modified, since the time of the next read differs in each response", async () => {
  const { version } = await read(role);
  const provider = await fixture.open(options);
  const again = await provider.get(
    { path: "database/static-creds/app", version: "current", ifVersion: version },
    fixture.context,
  );
  expect(again.status).toBe("ok");
});

test.each([{}, { username: "app" }, { password: "s3cret-fixture" }])(
  "refuses a response without a complete credential: %j",
  async (data) => {
    expect(await rejection(read(data))).toMatchObject({ code: "INTERNAL", reason: "malformed-answer" });
  },
);
