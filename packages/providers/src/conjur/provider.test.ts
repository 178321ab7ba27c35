import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type ConjurFixture, openFixture } from "../../test/conjur/double.ts";
import { contentOf, forever, read, rejection } from "../../test/store-fixture.ts";

let fixture: ConjurFixture;
beforeEach(async () => {
  fixture = await openFixture();
  for (const id of ["a", "b", "c"]) fixture.double.variables.set(`db/${id}`, Buffer.from(`s3cret-fixture-${id}`));
});
afterEach(() => fixture[Symbol.asyncDispose]());

const many = async (paths: readonly string[]): Promise<readonly unknown[]> => {
  const provider = await fixture.open();
  const requests = paths.map((path) => ({ path, version: "current" }) as const);
  const answers = (await provider.getMany?.(requests, forever)) ?? [];
  return Promise.all(
    answers.map((answer) =>
      "status" in answer && answer.status === "ok" ? contentOf(Promise.resolve(answer)) : answer,
    ),
  );
};
const reads = (): readonly string[] =>
  fixture.double.requests.filter((request) => fixture.double.idsOf(request) !== undefined).map(({ target }) => target);

describe("several variables in one call", () => {
  test("are one request, in which values of any bytes and length survive", async () => {
    const long = "s3cret-fixture ".repeat(20);
    fixture.double.variables.set("db/long", Buffer.from(long));
    expect(await many(["db/a", "db/long"])).toEqual(["s3cret-fixture-a", long]);
    expect(reads()).toEqual(["/secrets?variable_ids=acct%3Avariable%3Adb%2Fa%2Cacct%3Avariable%3Adb%2Flong"]);
  });

  test("are read as they are from a Conjur that knows no base64 there", async () => {
    fixture.double.knowsBase64 = false;
    expect(await many(["db/a", "db/b"])).toEqual(["s3cret-fixture-a", "s3cret-fixture-b"]);
  });

  test("are read one by one where Conjur refuses all for one of them", async () => {
    fixture.double.denied.add("db/b");
    expect(await many(["db/a", "db/b", "db/gone"])).toEqual([
      "s3cret-fixture-a",
      expect.objectContaining({ code: "PERMISSION_DENIED", reason: "policy" }),
      { status: "not-found", definitive: false },
    ]);
    expect(reads()).toHaveLength(4);
  });

  test("are read one by one where they cannot be told together", async () => {
    fixture.double.override = (request) => (request.query.variable_ids === undefined ? undefined : { status: 406 });
    expect(await many(["db/a", "db/b"])).toEqual(["s3cret-fixture-a", "s3cret-fixture-b"]);
  });

  test("are read one by one where they are too large together", async () => {
    const large = "s3cret-fixture ".repeat(100_000);
    for (const id of ["a", "b"]) fixture.double.variables.set(`db/${id}`, Buffer.from(large));
    expect(await many(["db/a", "db/b"])).toEqual([large, large]);
  });

  test.each<[string, string, Record<string, string>]>([
    [
      "is no base64",
      '{"acct:variable:db/a":"s3cret-fixture","acct:variable:db/b":"czM="}',
      { "content-encoding": "base64" },
    ],
    ["has an id twice", '{"acct:variable:db/a":"czM=","acct:variable:db/a":"czQ="}', {}],
  ])("are read one by one where the answer %s", async (_what, body, headers) => {
    fixture.double.override = (request) => (request.query.variable_ids === undefined ? undefined : { body, headers });
    expect((await many(["db/a", "db/b"]))[0]).toBe("s3cret-fixture-a");
  });

  test("leave out an id with a comma, which parts ids", async () => {
    fixture.double.variables.set("db/x,y", Buffer.from("s3cret-fixture-xy"));
    expect(await many(["db/a", "db/x,y", "db/b"])).toEqual([
      "s3cret-fixture-a",
      "s3cret-fixture-xy",
      "s3cret-fixture-b",
    ]);
    expect(reads()).toHaveLength(2);
  });
});

test("a single read asks with the slashes of the id encoded", async () => {
  expect(await contentOf(read(await fixture.open(), "db/a"))).toBe("s3cret-fixture-a");
  expect(reads()).toEqual(["/secrets/acct/variable/db%2Fa"]);
});

describe("versions", () => {
  const versionOf = (id: string) =>
    fixture.open().then((provider) => provider.get({ path: "db/a", version: { id } }, forever));

  test("are found by the number that Conjur counts, which pins them, and by what a read told", async () => {
    const provider = await fixture.open();
    const first = await read(provider, "db/a");
    fixture.double.variables.set("db/a", Buffer.from("s3cret-fixture-second"));
    fixture.double.variables.set("db/a", Buffer.from("s3cret-fixture-third"));
    expect(await versionOf("2")).toMatchObject({ status: "ok", version: "2" });
    expect(await contentOf(versionOf("2"))).toBe("s3cret-fixture-second");
    const told = first.status === "ok" ? first.version : "";
    const again = await provider.get({ path: "db/a", version: { id: told } }, forever);
    expect(await contentOf(Promise.resolve(again))).toBe("s3cret-fixture-a");
    for (const id of ["9", "no-such-version"])
      expect(await versionOf(id)).toEqual({ status: "not-found", definitive: true });
  });

  test("are the ones that Conjur still keeps", async () => {
    for (let count = 0; count < 24; count += 1)
      fixture.double.variables.set("db/a", Buffer.from(`s3cret-fixture-${count}`));
    const provider = await fixture.open();
    const previous = provider.get({ path: "db/a", version: "previous" }, forever);
    expect(await contentOf(previous)).toBe("s3cret-fixture-22");
    expect(await versionOf("1")).toEqual({ status: "not-found", definitive: true });
  });

  test("are looked for among as many as Conjur keeps, whatever it answers", async () => {
    const { double } = fixture;
    const secrets = Array.from({ length: 1000 }, (_, index) => ({ version: index + 1 }));
    double.override = ({ path }) => (path.startsWith("/resources/") ? { body: { secrets } } : undefined);
    expect(await versionOf("no-such-version")).toEqual({ status: "not-found", definitive: true });
    expect(reads()).toHaveLength(20);
  });

  test("are none of a variable that this role does not see, or that Conjur issues", async () => {
    const provider = await fixture.open();
    const none = { status: "not-found", definitive: true };
    expect(await provider.get({ path: "db/gone", version: "previous" }, forever)).toEqual(none);
    const issued = provider.get({ path: "data/dynamic/aws", version: "previous" }, forever);
    expect(await rejection(issued)).toMatchObject({ code: "UNSUPPORTED", reason: "versions" });
  });
});

test("a 404 that Conjur does not write is no missing variable", async () => {
  const provider = await fixture.open();
  fixture.double.override = (request) =>
    fixture.double.idsOf(request) === undefined ? undefined : { status: 404, body: { error: { code: "no_route" } } };
  expect(await rejection(read(provider, "db/a"))).toMatchObject({ code: "INTERNAL", reason: "unexpected-status" });
});

test("a page for people is no refusal of a login", async () => {
  const provider = await fixture.open();
  const page = { status: 404, headers: { "content-type": "text/html" }, body: "<html>" };
  fixture.double.override = ({ path }) => (path.startsWith("/authn") ? page : undefined);
  expect(await rejection(read(provider, "db/a"))).toMatchObject({ code: "INTERNAL", reason: "unexpected-status" });
});

test("a page for people is no value", async () => {
  const provider = await fixture.open();
  await read(provider, "db/a");
  fixture.double.override = () => ({ headers: { "content-type": "text/html" }, body: "<html>" });
  expect(await rejection(read(provider, "db/a"))).toMatchObject({ code: "INTERNAL", reason: "malformed-answer" });
  fixture.double.override = () => ({ status: 206, body: "s3cret-fix" });
  expect(await rejection(read(provider, "db/a"))).toMatchObject({ code: "INTERNAL", reason: "malformed-answer" });
  fixture.double.override = () => ({ body: "" });
  expect(await rejection(read(provider, "db/a"))).toMatchObject({ code: "INTERNAL", reason: "malformed-answer" });
});

test("what Conjur issues is dynamic, and ends when it says", async () => {
  const provider = await fixture.open();
  const path = "data/dynamic/aws";
  fixture.double.variables.set(path, Buffer.from('{"id":"1","ttl":900,"data":{"secret":"s3cret-fixture"}}'));
  expect([provider.isDynamic?.(path), provider.isDynamic?.("db/a")]).toEqual([true, false]);
  const expiresAt = new Date(fixture.clock.now() + 900_000);
  expect(await read(provider, path)).toMatchObject({ status: "ok", expiresAt });
});

test("diagnose tells as whom Conjur knows the login, and the policy to copy, also for what is missing", async () => {
  const provider = await fixture.open();
  fixture.double.denied.add("db/b");
  await read(provider, "db/b").catch(() => undefined);
  const findings = (await provider.diagnose?.(forever)) ?? [];
  expect(findings.map(({ code }) => code)).toEqual(["identity", "least-privilege", "policy-missing"]);
  expect(findings[0]?.message).toBe('this process is "host/app" of the account "acct" of Conjur');
  const policy =
    "- !permit { role: !host app, privileges: [ read, execute ], resource: !variable db/b } # in the root policy";
  expect(findings[1]?.tip).toBe(policy);
  expect(findings[2]?.tip).toContain(policy);
  fixture.double.override = ({ path }) =>
    path === "/whoami" ? { body: { account: "acct", username: "host/app\u001b[2J" } } : undefined;
  const [identity, grants] = (await provider.diagnose?.(forever)) ?? [];
  expect(identity?.message).toContain('"host/app\\u001b[2J"');
  expect(grants?.tip).not.toContain("\u001b");
});
