import { createSecrets } from "@tacit/core";
import { createRedactor } from "@tacit/core/redact";
import { expect, test } from "vitest";
import type { AwsFixture } from "../../../test/aws-fixture.ts";
import { openParameterStoreFixture } from "../../../test/aws-parameter-store/harness.ts";
import { openSecretsManagerFixture } from "../../../test/aws-secrets-manager/harness.ts";

const names = Array.from({ length: 100 }, (_, index) => `s${index}`);

/** Loads 100 secrets and polls them for 10 intervals; returns the actions that AWS received for the load and for the polls. */
async function actionsOf({ adapter, options, double, clock }: AwsFixture) {
  const secrets = createSecrets({
    adapters: { aws: adapter },
    declare: Object.fromEntries(names.map((name) => [name, { ref: name }])),
    config: { providers: { aws: { use: "aws", ...options } }, routes: [{ match: "**", to: ["aws"] }] },
    redactor: createRedactor(),
    clock,
    strict: false,
  } as never);
  await secrets.ready();
  const first = double.requests.splice(0).map(({ action }) => action);
  const before = double.requests.length;
  // Real sockets answer the polls, so the manual clock has to wait for them.
  for (let passed = 0; passed < 600_000; passed += 1000) {
    await clock.advance(1000);
    await new Promise((resolve) => setImmediate(resolve));
  }
  const later = double.requests.slice(before).map(({ action }) => action);
  await secrets.close();
  return { first, later };
}

test("100 secrets are loaded by 5 calls to Secrets Manager, and each poll takes 5 calls", async () => {
  await using fixture = await openSecretsManagerFixture();
  for (const name of names) fixture.store.put(name, name);
  const { first, later } = await actionsOf(fixture);
  expect(first).toEqual(Array(5).fill("BatchGetSecretValue"));
  expect(new Set(later)).toEqual(new Set(["BatchGetSecretValue"]));
  expect(later.length).toBeLessThanOrEqual(15);
});

test("100 parameters are loaded by 10 calls to Parameter Store, and each poll takes 10 calls", async () => {
  await using fixture = await openParameterStoreFixture();
  for (const name of names) fixture.store.put(`/${name}`, name);
  const { first, later } = await actionsOf(fixture);
  expect(first).toEqual(Array(10).fill("GetParameters"));
  expect(new Set(later)).toEqual(new Set(["GetParameters"]));
  expect(later.length).toBeLessThanOrEqual(30);
});
