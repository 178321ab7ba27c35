import { describe, expect, test } from "vitest";
import { openFixture, podNamespace, read } from "../../test/kubernetes/fixture.ts";

const missing = { code: "PERMISSION_DENIED", reason: "access-rule" };
const starting = { code: "UNAVAILABLE", reason: "api-server-starting", retryable: true };

describe("a denial", () => {
  test.each(["db", "serviceaccount/app"])("of %s by a server that starts is an outage", async (path) => {
    await using fixture = await openFixture();
    const provider = await fixture.open();
    fixture.api.isReady = false;
    await expect(read(provider, path)).rejects.toMatchObject(starting);
    fixture.api.isReady = true;
    fixture.api.allows = () => false;
    await expect(read(provider, path)).rejects.toMatchObject(missing);
  });

  test("by a server that is ready by the time it is asked counts for nothing", async () => {
    await using fixture = await openFixture();
    fixture.api.store.put(podNamespace, "db", { fields: { password: "s3cret-fixture" } });
    const provider = await fixture.open();
    let denials = 1;
    fixture.api.override = ({ resource }) => (resource === "secrets" && denials-- > 0 ? { status: 403 } : undefined);
    await expect(read(provider, "db")).resolves.toMatchObject({ status: "ok" });
    expect(denials).toBeLessThan(1);
  });

  test("of everything that every identity may ask is an outage, too", async () => {
    await using fixture = await openFixture();
    const provider = await fixture.open();
    fixture.api.override = () => ({ status: 403 });
    await expect(read(provider, "db")).rejects.toMatchObject(starting);
  });

  test.each([302, 400, 403, 404])(
    "by a server that answers %d when asked whether it is ready is a missing rule",
    async (status) => {
      await using fixture = await openFixture();
      const provider = await fixture.open();
      fixture.api.allows = () => false;
      fixture.api.override = ({ resource }) => (resource === "readyz" ? { status } : undefined);
      await expect(read(provider, "db")).rejects.toMatchObject(missing);
    },
  );

  test("by a server that goes away before it can be asked is an outage", async () => {
    await using fixture = await openFixture();
    const provider = await fixture.open();
    fixture.api.allows = () => false;
    fixture.api.override = ({ resource }) => {
      if (resource === "readyz") void fixture.api.close();
      return undefined;
    };
    await expect(read(provider, "db")).rejects.toMatchObject({ code: "UNAVAILABLE" });
    await fixture.api.listen();
  });
});
