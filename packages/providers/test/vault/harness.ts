import { isUtf8 } from "node:buffer";
import { type ConformanceHarness, conformanceHost, openAdapter } from "@tacit/core/conformance";
import type { SecretPayload } from "@tacit/core/provider";
import { faultsOf } from "../http-double.ts";
import { EnginesDouble } from "./double/engines.ts";
import { refusal } from "./double/request.ts";
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
    ...faultsOf(double, {
      concerns: (path, request) => isOf(path, request.path),
      denied: refusal(403, "permission denied"),
      broken: refusal(500, "cipher: message authentication failed"),
      corrupted: { body: corrupted[engine] },
      throttled: { errors: ["request path kv: rate limit quota exceeded"] },
    }),
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

/** Data that is no object. */
const corrupted = {
  "kv-v1": '{"data":["s3cret-fixture"]}',
  "kv-v2": '{"data":{"data":["s3cret-fixture"],"metadata":{"version":7}}}',
};

function fieldsOf(payload: SecretPayload): string {
  const fields = payload.kind === "fields" ? payload.fields : new Map([["value", payload.bytes]]);
  // Member by member, as a key may be `__proto__`.
  const members = [...fields].map(
    ([key, bytes]) => `${JSON.stringify(key)}:${JSON.stringify(Buffer.from(bytes).toString())}`,
  );
  return `{${members.join(",")}}`;
}
