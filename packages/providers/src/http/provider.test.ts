import { createServer } from "node:https";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type HttpStoreDouble, openFixture } from "../../test/http/double.ts";
import { makeCertificate } from "../../test/http-fixture.ts";
import { contentOf, forever, read, rejection, type StoreFixture } from "../../test/store-fixture.ts";

let fixture: StoreFixture<HttpStoreDouble>;
beforeAll(async () => {
  fixture = await openFixture();
});
beforeEach(() => {
  fixture.double.bodies.clear();
});
afterEach(() => {
  fixture.double.override = () => undefined;
  fixture.double.requests.length = 0;
});
afterAll(() => fixture[Symbol.asyncDispose]());

const unsure = { status: "not-found", definitive: false };
const held = async (provider: Parameters<typeof read>[0], path: string): Promise<string> => {
  const result = await read(provider, path);
  return result.status === "ok" ? result.version : "";
};

describe("a read on condition", () => {
  test("costs a 304 while the ETag is the same, and tells no ETag", async () => {
    const provider = await fixture.open();
    fixture.double.bodies.set("db", "s3cret-fixture-1");
    const version = await held(provider, "db");
    expect(await read(provider, "db", version)).toEqual({ status: "not-modified", version });
    expect(fixture.double.requests.at(-1)?.headers["if-none-match"]).toMatch(/^"\w{32}"$/);
    expect(fixture.double.requests.at(-1)?.headers["if-none-match"]).not.toContain(version);
    fixture.double.bodies.set("db", "s3cret-fixture-2");
    expect(await contentOf(read(provider, "db", version))).toBe("s3cret-fixture-2");
  });

  test("asks for everything where another version is held than was answered last", async () => {
    const provider = await fixture.open();
    fixture.double.bodies.set("db", "s3cret-fixture-1");
    await held(provider, "db");
    expect(await contentOf(read(provider, "db", "another"))).toBe("s3cret-fixture-1");
    expect(fixture.double.requests.at(-1)?.headers["if-none-match"]).toBeUndefined();
  });

  test("goes by Last-Modified only once a second write would show in it", async () => {
    const provider = await fixture.open();
    fixture.double.bodies.set("db", "s3cret-fixture-1");
    const modifiedAt = new Date(fixture.clock.now()).toUTCString();
    fixture.double.validators = () => ({ "last-modified": modifiedAt });
    const version = await held(provider, "db");
    fixture.double.bodies.set("db", "s3cret-fixture-2");
    expect(await contentOf(read(provider, "db", version))).toBe("s3cret-fixture-2");
    await fixture.clock.advance(61_000);
    const settled = await held(provider, "db");
    expect(await read(provider, "db", settled)).toEqual({ status: "not-modified", version: settled });
    expect(fixture.double.requests.at(-1)?.headers["if-modified-since"]).toBe(modifiedAt);
  });

  test("is not made with the ETag of what another credential was shown", async () => {
    const provider = await fixture.open();
    // As a server counts that keeps several tenants apart.
    fixture.double.validators = () => ({ etag: '"1"' });
    fixture.double.bodies.set("db", "s3cret-fixture-1");
    const version = await held(provider, "db");
    const former = fixture.double.token;
    fixture.double.token = "s3cret-fixture-other";
    fixture.file("token", fixture.double.token);
    fixture.double.bodies.set("db", "s3cret-fixture-2");
    expect(await contentOf(read(provider, "db", version))).toBe("s3cret-fixture-2");
    fixture.double.token = former;
    fixture.file("token", former);
  });

  test("is not taken for held by a number that another credential was answered, too", async () => {
    const provider = await fixture.open({ select: "/value", version: "/version" });
    fixture.double.validators = () => ({});
    fixture.double.bodies.set("db", '{"value":"s3cret-fixture-1","version":7}');
    expect(await held(provider, "db")).toBe("7");
    expect(await read(provider, "db", "7")).toEqual({ status: "not-modified", version: "7" });
    const former = fixture.double.token;
    fixture.double.token = "s3cret-fixture-other";
    fixture.file("token", fixture.double.token);
    fixture.double.bodies.set("db", '{"value":"s3cret-fixture-2","version":7}');
    expect(await contentOf(read(provider, "db", "7"))).toBe("s3cret-fixture-2");
    expect(await read(provider, "db", "7")).toEqual({ status: "not-modified", version: "7" });
    fixture.double.token = former;
    fixture.file("token", former);
  });

  test.each(["*", '""', "a, b", ""])("is not made with %j, which is no ETag of one content", async (etag) => {
    const provider = await fixture.open();
    fixture.double.validators = () => ({ etag });
    fixture.double.bodies.set("db", "s3cret-fixture-1");
    const version = await held(provider, "db");
    fixture.double.bodies.set("db", "s3cret-fixture-2");
    expect(await contentOf(read(provider, "db", version))).toBe("s3cret-fixture-2");
    expect(fixture.double.requests.at(-1)?.headers["if-none-match"]).toBeUndefined();
  });

  test("is no answer where the store says 304 unasked", async () => {
    const provider = await fixture.open();
    fixture.double.override = () => ({ status: 304 });
    expect(await rejection(read(provider, "db"))).toMatchObject({ code: "INTERNAL" });
  });
});

test("a parameter that the address has twice is sent twice", async () => {
  const provider = await fixture.open({ url: `${fixture.double.url}/v1/{path}?tag=a&tag=b%20c` });
  await read(provider, "db");
  expect(fixture.double.requests.at(-1)?.target).toContain("?tag=a&tag=b%20c");
});

describe("what is taken of an answer", () => {
  const body = '{"data":{"password":"s3cret-fixture","pin":12345678901234567890,"none":null},"version":7}';

  test.each<[string, Record<string, unknown>, unknown]>([
    ["the body", {}, body],
    ["a text at a pointer", { select: "/data/password" }, "s3cret-fixture"],
    ["a number, with all its digits", { select: "/data/pin" }, "12345678901234567890"],
    ["an object, as it is written", { select: "/data" }, body.slice(8, -13)],
    [
      "the members of an object",
      { select: "/data", payload: "fields" },
      { password: "s3cret-fixture", pin: "12345678901234567890" },
    ],
  ])("is %s", async (_what, options, expected) => {
    fixture.double.bodies.set("db", body);
    expect(await contentOf(read(await fixture.open(options), "db"))).toEqual(expected);
  });

  test("is the version that the answer has", async () => {
    fixture.double.bodies.set("db", body);
    const provider = await fixture.open({ select: "/data/password", version: "/version" });
    expect(await read(provider, "db")).toMatchObject({ status: "ok", version: "7" });
  });

  test.each<[string, string, Record<string, unknown>, object]>([
    ["nothing at the pointer", body, { select: "/data/user" }, { code: "INVALID_VALUE", reason: "field-missing" }],
    ["null at the pointer", body, { select: "/data/none" }, { code: "INVALID_VALUE", reason: "field-missing" }],
    ["no version", body, { version: "/data/version" }, { code: "INVALID_VALUE", reason: "field-missing" }],
    ["an empty version", '{"version":""}', { version: "/version" }, { code: "INVALID_VALUE", reason: "field-missing" }],
    ["a text for fields", body, { select: "/data/password", payload: "fields" }, { reason: "not-object" }],
    ["a key twice", '{"a":"1","a":"2"}', { select: "/a" }, { code: "INVALID_VALUE", reason: "duplicate-key" }],
  ])("is an error for %s", async (_what, answer, options, expected) => {
    fixture.double.bodies.set("db", answer);
    expect(await rejection(read(await fixture.open(options), "db"))).toMatchObject(expected);
  });

  test.each([202, 204, 206])("is not the body of a %i, which is none or a part", async (status) => {
    const provider = await fixture.open();
    fixture.double.override = () => ({ status, ...(status !== 204 && { body: "s3cret-fix" }) });
    expect(await rejection(read(provider, "db"))).toMatchObject({ code: "INTERNAL", reason: "malformed-answer" });
    fixture.double.override = () => ({ status: 200, body: "" });
    expect(await contentOf(read(provider, "db"))).toBe("");
  });

  test("is never a page for people, also where any body is a value", async () => {
    const provider = await fixture.open();
    fixture.double.override = () => ({ headers: { "content-type": "text/html; charset=utf-8" }, body: "<html>" });
    expect(await rejection(read(provider, "db"))).toMatchObject({ code: "INTERNAL", reason: "malformed-answer" });
  });
});

describe("a secret that is not there", () => {
  const text = (body: string): object => ({ headers: { "content-type": "text/plain" }, body });
  const page = { headers: { "content-type": "text/html" }, body: "<html>" };

  test.each<[number, string, object, object]>([
    [410, "JSON", { body: { error: "gone" } }, { status: "not-found", definitive: true }],
    [410, "nothing", {}, { status: "not-found", definitive: true }],
    [404, "JSON, as gateways without a route write it", { body: { message: "no Route matched" } }, unsure],
    [404, "text, as an ingress writes it", text("default backend - 404"), unsure],
  ])("is told with %i and %s", async (status, _what, answer, expected) => {
    const provider = await fixture.open();
    fixture.double.override = () => ({ status, ...answer });
    expect(await read(provider, "db")).toEqual(expected);
  });

  test.each<[number, string, object]>([
    [404, "a page", page],
    [404, "nothing", {}],
    [410, "a page", page],
  ])("is not told with %i and %s", async (status, _what, answer) => {
    const provider = await fixture.open();
    fixture.double.override = () => ({ status, ...answer });
    expect(await rejection(read(provider, "db"))).toMatchObject({ code: "INTERNAL", reason: "unexpected-status" });
  });
});

test.each([
  ["/v1/{+path}", "/v1/a%20b/c"],
  ["/v1/{*path}", "/v1/a%20b%2Fc"],
  ["/v1?env=prod&name={path}", "/v1?env=prod&name=a%20b%2Fc"],
])("the template %s is filled as %s", async (template, target) => {
  const provider = await fixture.open({ url: `${fixture.double.url}${template}` });
  await read(provider, "a b/c");
  expect(fixture.double.requests.at(-1)?.target).toBe(target);
});

test.each([
  "https://{+path}/v1",
  "https://store.example/v1",
  "https://store.example/v1/{name}",
  "https://store.example/{path}/{path}",
  "https://store.example/v1?name=x{path}",
  "ftp://store.example/{path}",
  "https://store.example/../{+path}",
  "https://store.example/{+path}/../x",
  "https://store.example/schlüssel/{+path}",
  "https://store.example/a b/{+path}",
  "https://store.example/%zz/{+path}",
])("the template %s is refused", async (url) => {
  expect(await rejection(fixture.open({ url }))).toMatchObject({ code: "INVALID_CONFIG" });
});

test.each([
  [{ method: "basic", username: "app", password: { $file: "" } }, "authorization", "Basic YXBwOnMzY3JldC1maXh0dXJl"],
  [{ method: "header", name: "X-Api-Key", value: { $file: "" } }, "x-api-key", "s3cret-fixture"],
  [{ method: "none" }, "authorization", undefined],
])("the login %j sends %s: %s", async (auth, header, value) => {
  const $file = fixture.file("other", "s3cret-fixture");
  const filled = Object.fromEntries(
    Object.entries(auth).map(([key, option]) => [key, typeof option === "object" ? { $file } : option]),
  );
  fixture.double.override = () => ({ body: "s3cret-fixture" });
  await read(await fixture.open({ auth: filled }), "db");
  expect(fixture.double.requests.at(-1)?.headers[header]).toBe(value);
});

test.each(["__proto__", "Host", "User-Agent", "Expect", "a b"])(
  "the login by the header %s is refused",
  async (name) => {
    const auth = { method: "header", name, value: { $file: fixture.file("other", "s3cret-fixture") } };
    expect(await rejection(fixture.open({ auth }))).toMatchObject({ code: "INVALID_CONFIG" });
  },
);

test("a certificate that is renewed on disk is shown with the next connection", async () => {
  const server = await makeCertificate();
  const [first, second] = [await makeCertificate("first"), await makeCertificate("second")];
  const seen: string[] = [];
  const options = { ...server, requestCert: true, ca: [first.cert, second.cert] };
  const store = createServer(options, (request, response) => {
    const { CN } = (request.socket as import("node:tls").TLSSocket).getPeerCertificate().subject;
    seen.push(String(CN));
    response.end("s3cret-fixture");
  }).listen(0, "127.0.0.1");
  await new Promise((resolve) => store.once("listening", resolve));
  const { port } = store.address() as import("node:net").AddressInfo;
  const tls = {
    ca: { $file: fixture.file("ca.crt", server.cert) },
    certificate: { $file: fixture.file("tls.crt", first.cert) },
    key: { $file: fixture.file("tls.key", first.key) },
  };
  const provider = await fixture.open({
    url: `https://127.0.0.1:${port}/{+path}`,
    auth: { method: "certificate" },
    tls,
  });
  await read(provider, "db");
  fixture.file("tls.crt", second.cert);
  fixture.file("tls.key", second.key);
  await fixture.clock.advance(1000);
  await read(provider, "db");
  expect(seen).toEqual(["first", "second"]);
  await provider.close?.();
  store.close();
  expect(await rejection(fixture.open({ auth: { method: "certificate" } }))).toMatchObject({ code: "INVALID_CONFIG" });
});

test("diagnose tells what is missing, denied or unusable of what was asked for, and the clock", async () => {
  const provider = await fixture.open({ select: "/password" });
  fixture.double.bodies.set("db", '{"password":"s3cret-fixture"}').set("odd", '{"pass":"s3cret-fixture"}');
  for (const path of ["db", "odd", "gone", "shut"]) await read(provider, path).catch(() => undefined);
  fixture.double.override = ({ path }) => (path === "/v1/shut" ? { status: 403 } : undefined);
  fixture.double.now = () => fixture.clock.now() + 60_000;
  const findings = (await provider.diagnose?.(forever)) ?? [];
  expect(findings.map(({ code, message }) => [code, message])).toEqual([
    ["clock-skew", "the clock of this machine is 60 s behind that of the store"],
    ["secret-unusable", '"odd": the answer has nothing at /password, where `select` points'],
    ["secret-missing", 'the store has no secret "gone", or does not show it to this login'],
    ["policy-missing", 'this login may not read "shut"'],
  ]);
  fixture.double.now = () => fixture.clock.now();
});

test("diagnose ends with the store's refusal of the login", async () => {
  const provider = await fixture.open({ auth: { method: "none" }, tls: { verify: false } });
  expect(fixture.host.warnings.map(({ code }) => code)).toContain("tls-unverified");
  const findings = (await provider.diagnose?.(forever)) ?? [];
  expect(findings.map(({ code }) => code)).toEqual(["tls-unverified", "store"]);
});
