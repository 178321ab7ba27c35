import type { ProviderResult } from "@tacit/core/provider";
import { describe, expect, test } from "vitest";
import {
  forever,
  type KubernetesFixture,
  openFixture,
  openRecorder,
  podNamespace,
  read,
  textOf,
} from "../../../test/kubernetes/fixture.ts";

const labels = { team: "orders" };

/** Creates one watched Secret, read once after its watch was connected, as the client does. */
async function watched(fixture: KubernetesFixture, options: Readonly<Record<string, unknown>>) {
  const put = (password: string, name = "db"): void =>
    void fixture.api.store.put(podNamespace, name, { fields: { password: `s3cret-fixture-${password}` }, labels });
  put("1");
  const provider = await fixture.open(options);
  const { hint, hears, hints } = openRecorder();
  await provider.subscribe?.(["db"], hint, forever);
  await read(provider, "db");
  // The watch of one Secret begins with its current state, that of many does not.
  let heard = "labelSelector" in options ? 0 : 1;
  await hears(heard);
  return {
    provider,
    put,
    hints,
    /** Changes the Secret and waits for its hint. */
    async change(make: () => unknown): Promise<void> {
      heard += 1;
      make();
      await hears(heard);
    },
    hinted: (): Promise<ProviderResult> =>
      provider.get({ path: "db", version: "current", fresh: true, hinted: true }, forever),
    gets: (): number => fixture.api.requests.filter(({ verb }) => verb === "get").length,
  };
}

describe.each([
  ["one Secret", {}],
  ["Secrets by their labels", { labelSelector: "team=orders" }],
])("the object in an event of a watch of %s", (_, options) => {
  test("answers the read that its hint causes, once, as a request would", async () => {
    await using fixture = await openFixture();
    const { provider, put, change, hinted, gets } = await watched(fixture, options);
    await change(() => put("2"));
    const before = gets();
    const answer = await hinted();
    expect(await textOf(Promise.resolve(answer))).toEqual({ password: "s3cret-fixture-2" });
    expect(gets()).toBe(before);
    expect(await hinted()).toEqual(answer);
    expect(await read(provider, "db")).toEqual(answer);
    expect(gets()).toBe(before + 2);
  });

  test("is the newest one if several arrived before the read", async () => {
    await using fixture = await openFixture();
    const { put, change, hinted, gets } = await watched(fixture, options);
    const before = gets();
    for (const password of ["2", "3", "4"]) await change(() => put(password));
    expect(await textOf(hinted())).toEqual({ password: "s3cret-fixture-4" });
    expect(gets()).toBe(before);
  });

  test("answers no read that the hint did not cause", async () => {
    await using fixture = await openFixture();
    const { provider, put, change, gets } = await watched(fixture, options);
    await change(() => put("2"));
    const before = gets();
    expect(await textOf(read(provider, "db"))).toEqual({ password: "s3cret-fixture-2" });
    await provider.get({ path: "db", version: "current", fresh: true }, forever);
    expect(gets()).toBe(before + 2);
  });

  test("is not used after a read has returned its version or a later one", async () => {
    await using fixture = await openFixture();
    const { provider, put, change, hinted, gets } = await watched(fixture, options);
    await change(() => put("2"));
    await read(provider, "db");
    const before = gets();
    expect(await textOf(hinted())).toEqual({ password: "s3cret-fixture-2" });
    expect(gets()).toBe(before + 1);
  });

  test("is not used if the Secret was deleted or has returned", async () => {
    await using fixture = await openFixture();
    const { put, change, hinted, gets } = await watched(fixture, options);
    await change(() => put("2"));
    const before = gets();
    await change(() => fixture.api.store.remove(podNamespace, "db"));
    expect(await hinted()).toMatchObject({ status: "not-found" });
    expect(gets()).toBe(before + 1);
    await change(() => put("3"));
    expect(await textOf(hinted())).toEqual({ password: "s3cret-fixture-3" });
    expect(gets()).toBe(before + 2);
  });

  test("is not used after the watch has failed", async () => {
    await using fixture = await openFixture();
    const { put, change, hinted, gets } = await watched(fixture, options);
    await change(() => put("2"));
    fixture.api.allows = ({ verb }) => verb !== "watch";
    await change(() => {
      fixture.api.endWatches();
      return fixture.passPause();
    });
    const before = gets();
    expect(await textOf(hinted())).toEqual({ password: "s3cret-fixture-2" });
    expect(gets()).toBe(before + 1);
  });

  test("is not used for a delayed read", async () => {
    await using fixture = await openFixture();
    const { put, change, hinted, gets } = await watched(fixture, options);
    await change(() => put("2"));
    await fixture.clock.advance(5001);
    const before = gets();
    expect(await textOf(hinted())).toEqual({ password: "s3cret-fixture-2" });
    expect(gets()).toBe(before + 1);
  });

  test("that cannot be parsed is refused with the error of a request", async () => {
    await using fixture = await openFixture();
    const { change, hinted, gets } = await watched(fixture, options);
    await change(() => fixture.api.store.put(podNamespace, "db", { raw: { password: "s3cret-fixture!" }, labels }));
    const before = gets();
    await expect(hinted()).rejects.toMatchObject({ code: "INVALID_VALUE", reason: "not-base64" });
    expect(gets()).toBe(before);
  });
});
