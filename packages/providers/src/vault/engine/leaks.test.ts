import { inspect } from "node:util";
import { leakCheck } from "@tacit/core/testing";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { DoubleAnswer } from "../../../test/http-double.ts";
import { replied } from "../../../test/vault/double/engine-call.ts";
import type { DoubleRequest } from "../../../test/vault/double/request.ts";
import { type EngineFixture, openEngineFixture } from "../../../test/vault/engine-fixture.ts";

// One value of each kind: leased and stored secrets, tokens, ciphertexts, and texts that Vault writes into errors.
const marks = ["s3cret-fixture", "sealed-fixture"];
const ciphertext = "vault:v1:c2VhbGVkLWZpeHR1cmU=";
const options = {
  mounts: {
    database: { engine: "database" },
    pki: { engine: "pki", issue: { web: { commonName: "s3cret-fixture.example.com" } } },
    transit: { engine: "transit", ciphertexts: { billing: { key: "app", ciphertext } } },
    cubbyhole: { engine: "cubbyhole" },
    aws: { engine: "generic", dynamic: false },
  },
  wrapped: [{ name: "bootstrap", token: { $secret: "wrapping" }, creationPath: "kv/data/bootstrap" }],
};
const paths = [
  "database/creds/app",
  "database/static-creds/app",
  "pki/issue/web",
  "transit/billing",
  "cubbyhole/a",
  "aws/creds/app",
  "wrapped/bootstrap",
];
const leaks = leakCheck([...marks, ciphertext, "c2VhbGVkLWZpeHR1cmU="]);
let fixture: EngineFixture;
beforeEach(async () => {
  fixture = await openEngineFixture();
  fixture.credentials.set("wrapping", "s3cret-fixture-wrapping-token");
});
afterEach(() => fixture[Symbol.asyncDispose]());

type Fault = (call: DoubleRequest) => DoubleAnswer | "lost";

/** Responses that quote the request and other secrets. */
const faults: Readonly<Record<string, Fault>> = {
  ...Object.fromEntries(
    [400, 401, 403, 404, 405, 412, 413, 429, 472, 473, 500, 502, 503].map((status): [string, Fault] => [
      `${status}`,
      (call) => ({
        status,
        body: { errors: [`s3cret-fixture ${JSON.stringify(call)}`], data: { a: "s3cret-fixture" } },
      }),
    ]),
  ),
  "a broken connection": () => "lost",
  "data that is none": (call) => replied(`s3cret-fixture ${JSON.stringify(call)}`),
  "an empty object": () => replied({}),
  "members of other types": () =>
    replied({ certificate: "s3cret-fixture", private_key: 5, plaintext: "s3cret-fixture", username: "s3cret-fixture" }),
  "no envelope": () => ({ status: 200, body: { password: "s3cret-fixture" } }),
};

test.each(Object.entries(faults))("no output contains a secret after %s", async (_, fault) => {
  const provider = await fixture.open(options);
  const faultOf = (call: DoubleRequest): ReturnType<Fault> | undefined =>
    call.path.startsWith("auth/") ? undefined : fault(call);
  fixture.double.loses = (call) => faultOf(call) === "lost";
  fixture.double.override = (call) => {
    const answer = faultOf(call);
    return answer === "lost" ? undefined : answer;
  };
  const { context } = fixture;
  const lease = { id: "database/creds/app/s3cret-fixture", durationMs: 1000, renewable: true };
  const calls: (() => Promise<unknown> | undefined)[] = [
    ...paths.map((path) => () => provider.get({ path, version: "current" }, context)),
    () => provider.renew?.(lease, context),
    () => provider.revoke?.(lease, context),
  ];
  const errors: unknown[] = [];
  for (const call of calls) await call()?.catch((error: unknown) => errors.push(error));
  for (const error of errors) expect(error).toMatchObject({ code: expect.any(String), message: expect.any(String) });
  leaks.assertNoLeak(...errors.map(printed), printed(fixture.host.warnings));
  leaks.assertNoLeak(printed(await provider.diagnose?.(context).catch((error: unknown) => error)));
});

test("printing a provider shows neither its token nor its values", async () => {
  fixture.engines.database.roles.set("app", { ttl: 60, maxTtl: 60, renewable: true });
  const provider = await fixture.open({ mounts: options.mounts });
  await provider.get({ path: "database/creds/app", version: "current" }, fixture.context);
  leaks.assertNoLeak(printed(provider));
});

function printed(value: unknown): string {
  const nested = { depth: 20, showHidden: true, getters: false } as const;
  const text = value instanceof Error ? [value.stack, value.message, JSON.stringify(value)].join("\n") : "";
  return `${inspect(value, nested)}\n${text}`;
}
