import { createSecrets, declareSecrets, object } from "@tacit/core";
import { expect, test } from "vitest";
import { statusAnswer } from "../../test/kubernetes/api-double.ts";
import { type KubernetesFixture, openFixture, podNamespace } from "../../test/kubernetes/fixture.ts";
import { turns } from "../../test/turns.ts";

/** Creates a client that declares one pair as `db`, with the clock of the test. */
function openClient(fixture: KubernetesFixture) {
  const secrets = createSecrets({
    strict: false,
    declare: declareSecrets({ db: { ref: "db/primary", as: object(["password"]), mask: "never" } }),
    adapters: { kubernetes: fixture.adapter },
    config: {
      // Polls are so far apart that every value arrives by a hint.
      providers: { cluster: { use: "kubernetes", pollInterval: "10h" } },
      routes: [{ match: "**", to: ["cluster"] }],
    },
    clock: fixture.clock,
    random: fixture.host.random,
  });
  const watch = secrets.watch("db");
  const heard: string[] = [];
  watch.on("change", ({ reason, current }) => void heard.push(`${reason} ${current.reveal().password}`));
  watch.on("delete", () => void heard.push("deleted"));
  /** Advances the clock in seconds until a condition holds: reads after a hint are a second apart. */
  const passes = async (holds: () => boolean): Promise<void> => {
    for (let second = 0; second < 300 && !holds(); second += 1) {
      await fixture.clock.advance(1000);
      await turns(200, holds);
    }
  };
  const hears = async (what: string): Promise<void> => {
    await passes(() => heard.includes(what));
    expect(heard).toContain(what);
  };
  const put = (password: string, metadata?: { annotations: Record<string, string> }): void =>
    void fixture.api.store.put(podNamespace, "db-primary", { fields: { password }, ...metadata });
  const provider = () => secrets.health().providers[0];
  const pushes = async (): Promise<void> => {
    await turns(100_000, () => provider()?.changes === "push");
    expect(provider()).toMatchObject({ changes: "push", degraded: false });
  };
  const polls = async (): Promise<void> => {
    await passes(() => provider()?.changes === "poll");
    expect(provider()).toMatchObject({ changes: "poll", degraded: true });
  };
  return { secrets, watch, heard, hears, passes, put, pushes, polls, [Symbol.asyncDispose]: () => secrets.close() };
}

test("a change of an unread key or of a final line feed is not a rotation", async () => {
  await using fixture = await openFixture();
  await using client = openClient(fixture);
  const { heard, hears, passes, put, pushes, secrets, watch } = client;
  const putFields = async (fields: Readonly<Record<string, string>>): Promise<void> => {
    const before = secrets.latest("db").meta.version;
    fixture.api.store.put(podNamespace, "db-primary", { fields });
    await passes(() => secrets.latest("db").meta.version !== before);
    expect(secrets.latest("db").meta.version).not.toBe(before);
  };
  put("s3cret-fixture-1");
  await watch.ready;
  await pushes();
  await putFields({ password: "s3cret-fixture-1", note: "x" });
  await putFields({ password: "s3cret-fixture-1\n", note: "y" });
  await putFields({ password: "s3cret-fixture-2", note: "y" });
  await hears("rotated s3cret-fixture-2");
  expect(heard).toEqual(["rotated s3cret-fixture-2"]);
});

test("Secrets that the API server cannot decrypt delay neither the changes nor the first reads of others", async () => {
  await using fixture = await openFixture();
  const { api, clock } = fixture;
  const broken = ["bad-0", "bad-1", "bad-2", "bad-3", "bad-4"];
  for (const name of [...broken, "other"])
    api.store.put(podNamespace, name, { fields: { password: "s3cret-fixture" } });
  api.override = ({ verb, name = "" }) =>
    verb === "get" && broken.includes(name) ? statusAnswer(500, "InternalError") : undefined;
  await using client = openClient(fixture);
  const { secrets, watch, put, heard, passes, pushes } = client;
  put("s3cret-fixture-0");
  await watch.ready;
  await pushes();
  const leftAlone: string[] = [];
  secrets.events.on("provider-degraded", ({ code }) => void leftAlone.push(code));
  const failing = broken.map((name) => secrets.getSecret(name).catch((error: { code: string }) => error.code));
  for (let round = 1; round <= 8; round += 1) {
    put(`s3cret-fixture-${round}`);
    const before = clock.now();
    await passes(() => heard.includes(`rotated s3cret-fixture-${round}`));
    // Reads that follow a hint are a second apart; the failing ones back off on their own.
    expect(clock.now() - before).toBeLessThanOrEqual(2000);
  }
  expect(new Set(await Promise.all(failing))).toEqual(new Set(["UNAVAILABLE"]));
  expect(leftAlone).toEqual([]);
  expect((await secrets.getSecret("other#password")).reveal()).toBe("s3cret-fixture");
});

test("a rotation, a deletion and a return are reported once each", async () => {
  await using fixture = await openFixture();
  await using client = openClient(fixture);
  const { put, hears, heard, pushes, watch, secrets } = client;
  put("s3cret-fixture-1");
  await watch.ready;
  await pushes();
  expect(secrets.latest("db").reveal().password).toBe("s3cret-fixture-1");
  put("s3cret-fixture-2");
  await hears("rotated s3cret-fixture-2");
  put("s3cret-fixture-2", { annotations: { touched: "1" } });
  fixture.api.store.remove(podNamespace, "db-primary");
  await hears("deleted");
  expect(secrets.latest("db").reveal().password).toBe("s3cret-fixture-2");
  put("s3cret-fixture-2");
  await hears("recreated s3cret-fixture-2");
  expect(heard).toEqual(["rotated s3cret-fixture-2", "deleted", "recreated s3cret-fixture-2"]);
});

test("health reports that the right to watch was revoked, and that it was granted again", async () => {
  await using fixture = await openFixture();
  await using client = openClient(fixture);
  const { put, hears, pushes, polls, watch } = client;
  put("s3cret-fixture-1");
  await watch.ready;
  await pushes();
  fixture.api.allows = ({ verb }) => verb === "get";
  await fixture.clock.advance(5000);
  fixture.api.endWatches();
  await fixture.api.watching(0);
  put("s3cret-fixture-2");
  await hears("rotated s3cret-fixture-2");
  await polls();
  fixture.api.allows = () => true;
  put("s3cret-fixture-3");
  await hears("rotated s3cret-fixture-3");
  await pushes();
});

test("the last value is served during an outage, and the newest one afterwards", async () => {
  await using fixture = await openFixture();
  await using client = openClient(fixture);
  const { put, hears, heard, pushes, watch, secrets } = client;
  put("s3cret-fixture-1");
  await watch.ready;
  await pushes();
  await fixture.api.close();
  for (let round = 2; round <= 9; round += 1) put(`s3cret-fixture-${round}`);
  await fixture.clock.advance(20_000);
  expect(secrets.latest("db").reveal().password).toBe("s3cret-fixture-1");
  await fixture.api.listen();
  await hears("rotated s3cret-fixture-9");
  expect(heard).toEqual(["rotated s3cret-fixture-9"]);
});
