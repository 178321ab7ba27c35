import { isSecretError } from "@tacit/core/provider";
import { describe, expect, test } from "vitest";
import { forever, openFixture, podNamespace, read, textOf } from "../../test/kubernetes/fixture.ts";

const pair = { username: "app", password: "s3cret-fixture" };

describe("a request", () => {
  test("reads the Secret in the pod's namespace, with the name of the application", async () => {
    await using fixture = await openFixture();
    fixture.api.store.put(podNamespace, "db-primary", { fields: pair });
    const provider = await fixture.open({ application: "orders" });
    expect(await textOf(read(provider, "db-primary"))).toEqual(pair);
    expect(fixture.api.requests).toMatchObject([
      {
        verb: "get",
        namespace: podNamespace,
        name: "db-primary",
        userAgent: expect.stringMatching(/^tacit\/\S+ orders$/),
      },
    ]);
  });

  test.each([
    ["db-primary", {}, podNamespace, "db-primary"],
    ["db-primary", { namespace: "billing" }, "billing", "db-primary"],
    ["billing/db-primary", {}, "billing", "db-primary"],
    ["a.b-c", { namespace: "billing" }, "billing", "a.b-c"],
  ])("by the path %s with %j is %s/%s", async (path, options, namespace, name) => {
    await using fixture = await openFixture();
    await read(await fixture.open(options), path);
    expect(fixture.api.requests).toMatchObject([{ namespace, name }]);
  });

  test("goes to the server of the environment and through no proxy", async () => {
    await using fixture = await openFixture();
    fixture.processContext.environment.HTTPS_PROXY = "http://127.0.0.1:9";
    expect(await read(await fixture.open(), "db")).toEqual({ status: "not-found", definitive: true });
  });

  test("without a namespace is INVALID_CONFIG", async () => {
    await using fixture = await openFixture();
    fixture.publish(fixture.issue(), { namespace: "" });
    const failure = { code: "INVALID_CONFIG", reason: "namespace" };
    await expect(read(await fixture.open(), "db")).rejects.toMatchObject(failure);
    expect(await read(await fixture.open(), "billing/db")).toMatchObject({ status: "not-found" });
  });

  test.each([
    "a/b/c",
    "serviceaccount",
    "A",
    "a_b",
    "-a",
    "a.",
    "a".repeat(254),
    "ns/serviceaccount/",
    `${"x".repeat(64)}/a`,
  ])("with the path %j is refused before it is sent", async (path) => {
    await using fixture = await openFixture();
    const outcome = await read(await fixture.open(), path).catch((error: unknown) => error);
    // A Secret may be called "serviceaccount".
    if (path !== "serviceaccount") expect(outcome).toMatchObject({ code: "INVALID_NAME", reason: "path" });
    expect(fixture.api.reads).toBe(path === "serviceaccount" ? 1 : 0);
  });

  test("for any version other than the current one is refused", async () => {
    await using fixture = await openFixture();
    const provider = await fixture.open();
    const previous = provider.get({ path: "db", version: "previous" }, forever);
    await expect(previous).rejects.toMatchObject({ code: "UNSUPPORTED", reason: "versions" });
  });
});

describe("a name", () => {
  test.each([
    ["db/primary", {}, "db-primary"],
    ["db/primary", { prefix: "orders" }, "orders-db-primary"],
    ["db/primary", { prefix: "orders/" }, "orders-db-primary"],
    ["db.v2/read_only", {}, "db.v2-read-only"],
  ])("%s with %j is the Secret %s", async (name, options, path) => {
    await using fixture = await openFixture();
    const parsed = await fixture.adapter.options().then((schema) => schema["~standard"].validate(options));
    if (parsed.issues !== undefined) throw new Error("the options are fine");
    expect(fixture.adapter.toPath?.(name, parsed.value)).toBe(path);
  });

  test("that no Secret can have is INVALID_NAME", async () => {
    await using fixture = await openFixture();
    for (const name of ["DB/primary", "db/Primary", "db-/x.", "a".repeat(254)])
      expect(() => fixture.adapter.toPath?.(name, {})).toThrow(expect.objectContaining({ code: "INVALID_NAME" }));
  });
});

describe("a Secret", () => {
  test.each([
    ["Opaque", { password: "s3cret-fixture" }],
    ["kubernetes.io/tls", { "tls.crt": "s3cret-fixture", "tls.key": "s3cret-fixture" }],
    ["kubernetes.io/dockerconfigjson", { ".dockerconfigjson": '{"auths":{}}' }],
    ["kubernetes.io/dockercfg", { ".dockercfg": "{}" }],
    ["kubernetes.io/basic-auth", pair],
    ["kubernetes.io/ssh-auth", { "ssh-privatekey": "s3cret-fixture" }],
    ["kubernetes.io/service-account-token", { token: "s3cret-fixture", "ca.crt": "x", namespace: podNamespace }],
    ["bootstrap.kubernetes.io/token", { "token-id": "abcdef", "token-secret": "s3cret-fixture" }],
    ["helm.sh/release.v1", { release: "s3cret-fixture" }],
  ])("of type %s is its fields", async (type, fields) => {
    await using fixture = await openFixture();
    fixture.api.store.put(podNamespace, "db", { type, fields });
    expect(await textOf(read(await fixture.open(), "db"))).toEqual(fields);
  });

  test.each([
    ["no data", {}],
    ["null data", { raw: null }],
    ["empty data", { raw: {} }],
  ])("with %s has no fields, and is there", async (_what, draft) => {
    await using fixture = await openFixture();
    fixture.api.store.put(podNamespace, "db", draft);
    expect(await textOf(read(await fixture.open(), "db"))).toEqual({});
  });

  test("may contain 1 MiB, an empty value, and a key that every object inherits", async () => {
    await using fixture = await openFixture();
    const fields = { large: "x".repeat(1024 * 1024 - 32), empty: "", ["__proto__"]: "s3cret-fixture" };
    const annotations = { "kubectl.kubernetes.io/last-applied-configuration": '"'.repeat(256 * 1024) };
    fixture.api.store.put(podNamespace, "db", { fields, annotations });
    expect(await textOf(read(await fixture.open(), "db"))).toEqual(fields);
  });

  test.each(["s3cret-fixture", "abc", "ab=c", "ab\n==", "====", 7, null])(
    "with the value %j is INVALID_VALUE, which does not quote it",
    async (value) => {
      await using fixture = await openFixture();
      fixture.api.store.put(podNamespace, "db", { raw: { password: value as string } });
      const error = await read(await fixture.open(), "db").catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ code: "INVALID_VALUE", reason: "not-base64" });
      expect(String(error)).not.toContain("s3cret");
    },
  );

  test("keeps its version after an edit of metadata, an encryption under a new key, and being made immutable", async () => {
    await using fixture = await openFixture();
    const { store } = fixture.api;
    store.put(podNamespace, "db", { fields: pair });
    const provider = await fixture.open();
    const first = await read(provider, "db");
    if (first.status !== "ok") throw new Error("it is there");
    for (const draft of [{ annotations: { touched: "1" } }, {}, { immutable: true, labels: { a: "b" } }]) {
      store.put(podNamespace, "db", { fields: pair, ...draft });
      expect(await read(provider, "db", first.version)).toEqual({ status: "not-modified", version: first.version });
    }
    store.put(podNamespace, "db", { fields: { ...pair, password: "s3cret-fixture-2" } });
    expect(await read(provider, "db", first.version)).toMatchObject({ status: "ok" });
  });

  test("returns the allowed labels and no annotation", async () => {
    await using fixture = await openFixture();
    fixture.api.store.put(podNamespace, "db", {
      fields: pair,
      labels: { "app.kubernetes.io/version": "1.2", owner: "s3cret-fixture-owner" },
      annotations: { "app.kubernetes.io/version": "s3cret-fixture-annotation" },
    });
    const keys = ["app.kubernetes.io/version", "absent", "constructor"];
    const result = await read(await fixture.open({ labels: keys }), "db");
    expect(result).toMatchObject({ labels: { "app.kubernetes.io/version": "1.2" } });
    expect(JSON.stringify(result)).not.toContain("s3cret-fixture-");
    expect(await read(await fixture.open(), "db")).toMatchObject({ labels: {} });
  });
});

describe("an answer that is not a Secret", () => {
  test.each([
    ["a login page", { status: 200, body: "<html>s3cret-fixture" }, "INTERNAL", "malformed-answer"],
    ["another object", { status: 200, body: '{"kind":"Status"}' }, "INTERNAL", "malformed-answer"],
    [
      "data that is no map",
      { status: 200, body: '{"metadata":{"name":"a","resourceVersion":"1"},"data":7}' },
      "INTERNAL",
      "malformed-answer",
    ],
    ["a 404 of something else", { status: 404, body: "{}" }, "INTERNAL", "unexpected-status"],
    ["a 404 in plain text", { status: 404, body: "404 page not found" }, "INTERNAL", "malformed-answer"],
    ["a failure", { status: 500, body: "s3cret-fixture" }, "UNAVAILABLE", "server-error"],
    ["a redirect", { status: 302, headers: { location: "https://other.example/" } }, "INTERNAL", "redirect"],
  ])("such as %s is an error, never an absence", async (_what, override, code, reason) => {
    await using fixture = await openFixture();
    fixture.api.override = () => override;
    const error = await read(await fixture.open(), "db").catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code, reason });
    expect(isSecretError(error) && `${error.message}${error.stack}`).not.toContain("s3cret");
  });

  test("a denial names the missing rule, and nothing that the server wrote", async () => {
    await using fixture = await openFixture();
    fixture.api.allows = () => false;
    const error = await read(await fixture.open(), "billing/db").catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      code: "PERMISSION_DENIED",
      reason: "access-rule",
      tip: expect.stringContaining('resourceNames: ["db"], verbs: ["get", "watch"]'),
    });
    expect(JSON.stringify(error)).not.toContain("s3cret");
  });
});
