import { isUtf8 } from "node:buffer";
import { type ConformanceHarness, conformanceHost, openAdapter } from "@tacit/core/conformance";
import type { SecretPayload } from "@tacit/core/provider";
import { EnginesDouble } from "./double/engines.ts";
import { openFixture } from "./fixture.ts";

/** Starts a Vault for the conformance cases, with one KV mount of the given version; beside that of version 2, a database. */
export async function vaultHarness(engine: "kv-v1" | "kv-v2"): Promise<ConformanceHarness> {
  const fixture = await openFixture({ clock: conformanceHost().clock });
  const { double, adapter, kv1, kv2 } = fixture;
  const mount = engine === "kv-v1" ? "old" : "secret";
  const store = engine === "kv-v1" ? kv1 : kv2;
  // For one of them the version is looked up.
  const options = (): Record<string, unknown> => ({
    ...fixture.options,
    mount,
    ...(engine === "kv-v1" ? { engine } : { mounts: { database: { engine: "database" } } }),
  });
  const { clock } = conformanceHost();
  const engines = new EnginesDouble(() => clock.now());
  double.engines.push(({ token = "", ...request }) => engines.handle({ token, ...request }));
  const isOf = (path: string, asked: string): boolean => asked === `${mount}/${path}` || asked.endsWith(`ata/${path}`);
  return {
    adapter,
    options,
    open: (o) => openAdapter(adapter, { ...options(), ...o?.options }, o?.host),
    path: (label) => `conformance/${label}`,
    put: async (path, payload) => store.put(path, fieldsOf(payload)),
    async remove(path) {
      if (engine === "kv-v1") kv1.wipe(path);
      else kv2.delete(path);
    },
    async deny(path) {
      double.allows = (request) => !isOf(path, request.path);
      return async () => {
        double.allows = () => true;
      };
    },
    async sever() {
      await double.close();
      return () => double.listen();
    },
    async stall() {
      double.isStalled = true;
      return async () => {
        double.isStalled = false;
      };
    },
    async expireLogin(o) {
      double.tokens.revokeAll();
      fixture.refusesLogins = o?.refuse === true;
      return async () => {
        fixture.refusesLogins = false;
      };
    },
    async corrupt(path) {
      const whole =
        engine === "kv-v1"
          ? '{"data":["s3cret-fixture"]}'
          : '{"data":{"data":["s3cret-fixture"],"metadata":{"version":7}}}';
      double.override = (request) => (isOf(path, request.path) ? { body: whole } : undefined);
      return async () => {
        double.override = () => undefined;
      };
    },
    async throttle(retryAfterMs) {
      const headers = { "retry-after": `${retryAfterMs / 1000}` };
      double.override = () => ({
        status: 429,
        headers,
        body: { errors: ["request path kv: rate limit quota exceeded"] },
      });
      return async () => {
        double.override = () => undefined;
      };
    },
    async leasePath(label) {
      engines.database.roles.set(label, { ttl: 60, maxTtl: 600, renewable: true });
      return `database/creds/${label}`;
    },
    expireLease: async ({ id }) => engines.leases.end(id),
    reads: () => double.count(new RegExp(`^${mount}/`)),
    credentials: () => ["s3cret-fixture-password", ...double.tokens.made],
    acceptsBytes: (bytes) => isUtf8(bytes) || "Vault keeps JSON, which holds text alone",
    close: () => Promise.resolve(fixture[Symbol.asyncDispose]()),
  };
}

function fieldsOf(payload: SecretPayload): string {
  const fields = payload.kind === "fields" ? payload.fields : new Map([["value", payload.bytes]]);
  // Member by member, as a key may be `__proto__`.
  const members = [...fields].map(
    ([key, bytes]) => `${JSON.stringify(key)}:${JSON.stringify(Buffer.from(bytes).toString())}`,
  );
  return `{${members.join(",")}}`;
}
