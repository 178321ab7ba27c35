import { createSecrets, declareSecrets, object, text } from "@tacit/core";
import { expect, test } from "vitest";
import { openFixture } from "../../test/file/file-fixture.ts";
import { file } from "./index.ts";

// What the kubelet renews each hour beside the keys of an application: a service account token in the same projected volume.
test("a neighbour that is renewed in the same volume is no rotation, and pushes no previous key out", async () => {
  await using fixture = openFixture();
  const volume = await fixture.writer("sign");
  await volume.write({ key: "s3cret-fixture-1", token: "1" });
  await using secrets = createSecrets({
    adapters: { file },
    declare: declareSecrets({
      sign: { ref: "sign", as: object(["key"]), overlap: "1h" },
      token: { ref: "sign#token", as: text(), mask: "never" },
    }),
    config: {
      // So far apart that whatever arrives has not been polled.
      providers: { mount: { use: "file", root: fixture.root, pollInterval: "10m" } },
      routes: [{ match: "**", to: ["mount"] }],
    },
  });
  await secrets.ready();
  const changes: string[] = [];
  let opened = 0;
  secrets.watch("sign").on("change", ({ current }) => void changes.push(current.reveal().key));
  secrets.derive("sign", { open: () => ++opened });
  const renewed = async (content: Readonly<Record<string, string>>): Promise<void> => {
    await volume.write(content);
    await expect.poll(() => secrets.latest("token").reveal()).toBe(content.token);
  };
  const accepted = (): readonly string[] => secrets.accepted("sign").map((secret) => secret.reveal().key);

  await renewed({ key: "s3cret-fixture-2", token: "2" });
  expect(accepted()).toEqual(["s3cret-fixture-2", "s3cret-fixture-1"]);
  const { createdAt } = secrets.latest("sign").meta;
  // A line feed at the end of a value is no part of it either.
  for (const [token, key] of [
    ["3", "s3cret-fixture-2"],
    ["4", "s3cret-fixture-2\n"],
  ] as const)
    await renewed({ key, token });
  expect(secrets.latest("token").reveal()).toBe("4");
  expect(accepted()).toEqual(["s3cret-fixture-2", "s3cret-fixture-1"]);
  expect(changes).toEqual(["s3cret-fixture-2"]);
  expect(opened).toBe(2);
  expect(secrets.latest("sign").meta.createdAt).toEqual(createdAt);
});

test("volumes whose writers died keep no other one from being read, also for the first time", async () => {
  await using fixture = openFixture();
  await (await fixture.writer("good")).write({ password: "s3cret-fixture" });
  for (const below of ["bad1", "bad2", "bad3"])
    await (await fixture.writer(below)).run([{ do: "write", fields: { password: "x" } }, { do: "unlink-data" }]);
  const as = object(["password"]);
  await using secrets = createSecrets({
    adapters: { file },
    strict: false,
    declare: declareSecrets({ bad1: { ref: "bad1", as }, bad2: { ref: "bad2", as }, bad3: { ref: "bad3", as } }),
    config: {
      providers: { mount: { use: "file", root: fixture.root, pollInterval: "10m" } },
      routes: [{ match: "**", to: ["mount"] }],
    },
  });
  const leftAlone: string[] = [];
  secrets.events.on("provider-degraded", ({ code }) => void leftAlone.push(code));
  const watches = [secrets.watch("bad1"), secrets.watch("bad2"), secrets.watch("bad3")];
  for (let round = 0; round < 3; round += 1)
    for (const outcome of await Promise.allSettled(watches.map((watch) => watch.refresh())))
      expect(outcome).toMatchObject({ status: "rejected", reason: { reason: "volume-incomplete" } });
  expect((await secrets.getSecret("good#password")).reveal()).toBe("s3cret-fixture");
  expect(leftAlone).toEqual([]);
});
