import { inspect } from "node:util";
import type { SecretError } from "@tacit/core/provider";
import { describe, expect, test } from "vitest";
import type { DoubleAnswer } from "../../test/http-double.ts";
import { statusAnswer } from "../../test/kubernetes/api-double.ts";
import { openFixture, podNamespace, read } from "../../test/kubernetes/fixture.ts";

const missing = { code: "PERMISSION_DENIED", reason: "access-rule" };
const starting = { code: "UNAVAILABLE", reason: "api-server-starting", retryable: true };

describe("a denial", () => {
  test.each(["db", "serviceaccount/app"])("of %s by a server that is starting is an outage", async (path) => {
    await using fixture = await openFixture();
    const provider = await fixture.open();
    fixture.api.isReady = false;
    await expect(read(provider, path)).rejects.toMatchObject(starting);
    fixture.api.isReady = true;
    fixture.api.allows = () => false;
    await expect(read(provider, path)).rejects.toMatchObject(missing);
  });

  test("by a server that has become ready meanwhile is ignored", async () => {
    await using fixture = await openFixture();
    fixture.api.store.put(podNamespace, "db", { fields: { password: "s3cret-fixture" } });
    const provider = await fixture.open();
    let denials = 1;
    fixture.api.override = ({ resource }) => (resource === "secrets" && denials-- > 0 ? { status: 403 } : undefined);
    await expect(read(provider, "db")).resolves.toMatchObject({ status: "ok" });
    expect(denials).toBeLessThan(1);
  });

  test("of requests that every identity may make is an outage, too", async () => {
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

  test("by a server that stops before its readiness can be checked is an outage", async () => {
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

describe("a 500 in the API server's own words", () => {
  const broken = statusAnswer(500, "InternalError");
  const html = { status: 500, headers: { "content-type": "text/html" }, body: "<html>s3cret-fixture</html>" };

  test.each<[string, DoubleAnswer, boolean, string, "path" | undefined]>([
    ["for one Secret, while it is ready, is about that Secret", broken, true, "db", "path"],
    ["for one service account is about that one", broken, true, "serviceaccount/app", "path"],
    ["while it is not ready is about the server", broken, false, "db", undefined],
    ["is none if something else wrote it", html, true, "db", undefined],
    ["is none if it is a 503", statusAnswer(503, "ServiceUnavailable"), true, "db", undefined],
    ["is none if it is a 504", statusAnswer(504, "Timeout"), true, "db", undefined],
  ])("%s", async (_what, answer, isReady, path, scope) => {
    await using fixture = await openFixture();
    fixture.api.isReady = isReady;
    fixture.api.override = ({ resource }) => (resource === "readyz" ? undefined : answer);
    const error = await read(await fixture.open(), path).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "UNAVAILABLE", reason: "server-error" });
    expect((error as SecretError).scope).toBe(scope);
    expect(inspect(error, { depth: 10, showHidden: true })).not.toContain("s3cret-fixture");
  });
});
