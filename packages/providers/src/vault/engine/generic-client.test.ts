import { createSecrets, declareSecrets, object } from "@tacit/core";
import { expect, test } from "vitest";
import { replied } from "../../../test/vault/double/engine-call.ts";
import { type EngineFixture, openEngineFixture } from "../../../test/vault/engine-fixture.ts";

const minute = 60_000;

/** Creates a client that reads one path of a generic mount as `own`, with a manual clock. */
function openClient(fixture: EngineFixture, path: string, fields: readonly string[]) {
  const [mount = ""] = path.split("/");
  return createSecrets({
    declare: declareSecrets({ own: { ref: "own", as: object(fields), mask: "never" } }),
    adapters: { vault: fixture.adapter },
    config: {
      providers: {
        vault: {
          use: "vault",
          pollInterval: "1m",
          ...fixture.options,
          mounts: { [mount]: { engine: "generic", dynamic: false } },
        },
      },
      routes: [{ match: "**", to: ["vault"] }],
      bindings: { own: { provider: "vault", path } },
    },
    clock: fixture.clock,
    random: () => 0.5,
  });
}

test("the countdown of a static role does not create a new resource, but its rotation does", async () => {
  await using fixture = await openEngineFixture();
  const path = "ldap/static-cred/app";
  let rotatedAt = fixture.clock.now();
  let password = "s3cret-fixture-1";
  fixture.engines.others.set(path, () =>
    replied({
      username: "app",
      password,
      last_vault_rotation: new Date(rotatedAt).toISOString(),
      rotation_period: 3600,
      ttl: 3600 - Math.floor((fixture.clock.now() - rotatedAt) / 1000),
    }),
  );
  await using secrets = openClient(fixture, path, ["username", "password"]);
  await secrets.ready();
  const changes: string[] = [];
  let opened = 0;
  secrets.watch("own").on("change", ({ current }) => void changes.push(String(current.reveal().password)));
  secrets.derive("own", { open: () => ++opened });
  for (let polls = 1; polls <= 10; polls += 1) {
    await fixture.clock.advance(1.2 * minute);
    await fixture.double.until(() => fixture.double.count(path) > polls);
  }
  expect([changes, opened]).toEqual([[], 1]);
  [rotatedAt, password] = [fixture.clock.now(), "s3cret-fixture-2"];
  await fixture.clock.advance(1.2 * minute);
  await expect.poll(() => changes).toEqual(["s3cret-fixture-2"]);
  await expect.poll(() => opened).toBe(2);
});

test("a field that is null is missing, and the error contains its name", async () => {
  await using fixture = await openEngineFixture();
  const path = "aws/static-creds/ecr";
  fixture.engines.others.set(path, () =>
    replied({ access_key: "AKIAFIXTURE", secret_key: "s3cret-fixture", security_token: null }),
  );
  await using secrets = openClient(fixture, path, ["access_key", "secret_key", "security_token"]);
  const missing = {
    code: "INVALID_VALUE",
    reason: "field-missing",
    message: expect.stringContaining("security_token"),
  };
  await expect(secrets.ready()).rejects.toMatchObject({ code: "NOT_READY", errors: [missing] });
});
