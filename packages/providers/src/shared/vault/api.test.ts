import { describe, expect, test } from "vitest";
import { openHttpFixture } from "../../../test/http-fixture.ts";
import { turns } from "../../../test/turns.ts";
import { VaultDouble } from "../../../test/vault/api-double.ts";
import { forever, openFixture, read, rejection, textOf } from "../../../test/vault/fixture.ts";

describe("a request", () => {
  test("has the request header, the namespace and the name of the program; sys/health has no namespace", async () => {
    await using fixture = await openFixture();
    const { double } = fixture;
    double.namespace = "team/a";
    fixture.kv2.put("db", { password: "s3cret-fixture" });
    const provider = await fixture.open({ namespace: "/team/a/", application: "orders" });
    expect(await textOf(read(provider, "db"))).toEqual({ password: "s3cret-fixture" });
    await provider.check?.(forever);
    const [health] = double.requests.filter(({ path }) => path === "sys/health");
    expect(health?.namespace).toBeUndefined();
    for (const { namespace, headers, path } of double.requests) {
      expect(headers["x-vault-request"]).toBe("true");
      expect(headers["user-agent"]).toMatch(/^tacit\/.* orders$/);
      if (path !== "sys/health") expect(namespace).toBe("team/a");
      expect(path).not.toContain("team/a");
    }
  });

  test("over a unix socket contains no token, for a listener that adds one", async () => {
    await using fixture = await openFixture();
    await using http = openHttpFixture();
    const socketPath = fixture.file("agent.sock", "").replace("agent.sock", "listener.sock");
    const seen: unknown[] = [];
    await http.serve(
      (request, response) => {
        seen.push([request.headers["x-vault-token"], request.headers["x-vault-request"], request.headers.host]);
        response.end('{"request_id":"x","data":{"password":"s3cret-fixture"}}');
      },
      { socketPath },
    );
    for (const url of [`unix:${socketPath}`, `unix://${socketPath}`]) {
      const provider = await fixture.open({ url, auth: { method: "none" }, engine: "kv-v1" });
      expect(await textOf(read(provider, "db"))).toEqual({ password: "s3cret-fixture" });
    }
    expect(seen).toEqual([
      [undefined, "true", "localhost"],
      [undefined, "true", "localhost"],
    ]);
  });

  test.each([
    "http://vault.example:8200",
    "ftp://vault.example",
    "vault.example:8200",
    "https://root:s3cret-fixture@vault.example",
  ])("is never sent to %s", async (url) => {
    await using fixture = await openFixture();
    const error = await rejection(fixture.open({ url }));
    expect(error).toMatchObject({ code: "INVALID_CONFIG" });
    expect(`${error}${JSON.stringify(error)}`).not.toContain("s3cret-fixture");
  });
});

describe("a redirect", () => {
  async function pair() {
    const fixture = await openFixture();
    const active = new VaultDouble(fixture.clock);
    // The nodes of one cluster have the same tokens and mounts.
    Object.assign(active, { tokens: fixture.double.tokens, mounts: fixture.double.mounts, open: fixture.double.open });
    await active.listen();
    fixture.double.redirectTo = `http://127.0.0.1:${active.port}`;
    fixture.kv2.put("db", { password: "s3cret-fixture" });
    return {
      fixture,
      active,
      host: `127.0.0.1:${active.port}`,
      async [Symbol.asyncDispose]() {
        await fixture[Symbol.asyncDispose]();
        await active.close();
      },
    };
  }

  test("to a listed node is followed, with method, body and token", async () => {
    await using cluster = await pair();
    const provider = await cluster.fixture.open({ redirects: [cluster.host] });
    expect(await textOf(read(provider, "db"))).toEqual({ password: "s3cret-fixture" });
    expect(cluster.active.requests[0]).toMatchObject({ method: "POST", body: { password: "s3cret-fixture-password" } });
    expect(cluster.active.requests.at(-1)?.token).toBe(cluster.fixture.double.tokens.made[0]);
  });

  test("to any other host is not followed, so that it receives no token or password", async () => {
    await using cluster = await pair();
    for (const redirects of [[], ["vault-1.example:8200"], ["127.0.0.1:1"]]) {
      const provider = await cluster.fixture.open({ redirects });
      const error = await rejection(read(provider, "db"));
      expect(error).toMatchObject({ code: "INTERNAL", reason: "redirect" });
      expect(String(error)).toContain(cluster.host);
    }
    expect(cluster.active.requests).toEqual([]);
  });

  test("in a loop ends", async () => {
    await using cluster = await pair();
    cluster.active.redirectTo = cluster.fixture.double.redirectTo;
    const provider = await cluster.fixture.open({ redirects: [cluster.host] });
    expect(await rejection(read(provider, "db"))).toMatchObject({ code: "INTERNAL", reason: "redirect" });
    expect(cluster.active.requests).toHaveLength(2);
  });

  test("to the configured address is followed without a list, since a load balancer may choose another node", async () => {
    await using fixture = await openFixture();
    const { double } = fixture;
    fixture.kv2.put("db", { password: "s3cret-fixture" });
    let standbys = 1;
    const location = `http://127.0.0.1:${double.port}/v1/secret/data/db`;
    double.override = ({ path }) =>
      path === "secret/data/db" && standbys-- > 0 ? { status: 307, headers: { location } } : undefined;
    const provider = await fixture.open({ engine: "kv-v2" });
    expect(await textOf(read(provider, "db"))).toEqual({ password: "s3cret-fixture" });
    standbys = 1000;
    const standby = { code: "UNAVAILABLE", reason: "standby", tip: expect.stringContaining("api_addr") };
    expect(await rejection(read(provider, "db"))).toMatchObject(standby);
    expect(double.count("secret/data/db")).toBe(5);
  });

  test("to a listed host by http on another machine is refused", async () => {
    await using cluster = await pair();
    cluster.fixture.double.redirectTo = "http://vault-1.example:8200";
    const provider = await cluster.fixture.open({ redirects: ["vault-1.example:8200"] });
    expect(await rejection(read(provider, "db"))).toMatchObject({ code: "INVALID_CONFIG", reason: "insecure-url" });
  });

  test.each(["javascript:alert(1)", "/v1/secret/data/db/", "", "https://"])("to %j is an error", async (location) => {
    await using fixture = await openFixture();
    fixture.double.override = () => ({ status: 307, headers: { location } });
    const provider = await fixture.open();
    expect(await rejection(read(provider, "db"))).toMatchObject({ code: "INTERNAL" });
  });
});

describe("a node that lags behind", () => {
  test("is retried until it has caught up, with the index of the last write", async () => {
    await using fixture = await openFixture();
    const { double, clock } = fixture;
    double.index = "s3cret-index-1";
    fixture.kv2.put("db", { password: "s3cret-fixture" });
    const provider = await fixture.open({ engine: "kv-v2" });
    double.lagging = 3;
    const reading = textOf(read(provider, "db"));
    for (let attempt = 1; attempt <= 3; attempt += 1) {
      await double.until(() => double.count("secret/data/db") === attempt);
      await paused(clock);
      await clock.advance(25 * 2 ** (attempt - 1));
    }
    expect(await reading).toEqual({ password: "s3cret-fixture" });
    expect(double.requests.at(-1)?.headers["x-vault-index"]).toBe("s3cret-index-1");
  });

  test("during all attempts is UNAVAILABLE", async () => {
    await using fixture = await openFixture();
    const { double, clock } = fixture;
    double.index = "s3cret-index-1";
    const provider = await fixture.open({ engine: "kv-v2" });
    double.lagging = 1000;
    const reading = rejection(read(provider, "db"));
    for (let attempt = 1; attempt < 10; attempt += 1) {
      await double.until(() => double.count("secret/data/db") === attempt);
      await paused(clock);
      await clock.advance(250);
    }
    expect(await reading).toMatchObject({ code: "UNAVAILABLE", reason: "index-behind" });
    expect(double.count("secret/data/db")).toBe(10);
  });

  test.each([
    ["the lookup of a token from outside", "auth/token/lookup-self"],
    ["the first read after a login without an index", "secret/data/db"],
    ["a POST", "transit/decrypt/orders"],
  ])("and says so without an index in the request to %s is retried", async (_, path) => {
    await using fixture = await openFixture();
    const { double, clock } = fixture;
    fixture.kv2.put("db", { password: "s3cret-fixture" });
    let behind = 2;
    double.override = (request) => {
      if (request.path === path && behind-- > 0)
        return { status: 412, body: { errors: ["required index state not present"] } };
      if (request.path !== "transit/decrypt/orders") return undefined;
      return { body: { data: { plaintext: "czNjcmV0LWZpeHR1cmU=" } } };
    };
    const token = { $file: fixture.file("token", double.tokens.create()) };
    const ciphertexts = { stripe: { key: "orders", ciphertext: "vault:v1:AAAA" } };
    const provider = await fixture.open({
      engine: "kv-v2",
      auth: { method: "token", token },
      mounts: { transit: { engine: "transit", ciphertexts } },
    });
    const reading = read(provider, path.startsWith("transit") ? "transit/stripe" : "db");
    for (let attempt = 1; attempt <= 2; attempt += 1) {
      await double.until(() => double.count(path) === attempt);
      await turns();
      await clock.advance(100);
    }
    expect((await reading).status).toBe("ok");
    expect(double.count(path)).toBe(3);
  });

  test("is not assumed for a listener that misses the request header", async () => {
    await using fixture = await openFixture();
    fixture.double.override = () => ({ status: 412, body: { errors: ["missing 'X-Vault-Request' header"] } });
    const provider = await fixture.open();
    expect(await rejection(read(provider, "db"))).toMatchObject({ code: "INVALID_CONFIG", reason: "request-header" });
    expect(fixture.double.requests).toHaveLength(1);
  });
});

/** Waits until the call pauses: only the timers of the token renewal and the pause are armed. */
async function paused(clock: { readonly armed: number }): Promise<void> {
  for (let turn = 0; turn < 10_000 && clock.armed !== 2; turn += 1)
    await new Promise((resolve) => setImmediate(resolve));
  expect(clock.armed).toBe(2);
}
