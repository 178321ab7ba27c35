import { afterEach, beforeEach, expect, test } from "vitest";
import { type ConnectDouble, failure, openFixture } from "../../test/onepassword-connect/double.ts";
import { contentOf, forever, read, rejection, type StoreFixture } from "../../test/store-fixture.ts";
import { toItemTitle } from "./item-path.ts";

let fixture: StoreFixture<ConnectDouble>;
beforeEach(async () => {
  fixture = await openFixture();
});
afterEach(() => fixture[Symbol.asyncDispose]());

const targets = (): readonly string[] =>
  fixture.double.requests.map(({ path, query }) => `${path} ${query.filter ?? ""}`);

test("fields are found by label, and those of a section with a label by both", async () => {
  fixture.double.put("db", [
    { label: "username", value: "app" },
    { label: "password", value: "s3cret-fixture" },
    { label: "password", value: "s3cret-fixture-admin", section: { id: "s1", label: "admin" } },
    { label: "port", value: "5432", section: { id: "add more" } },
    { label: "", value: "s3cret-fixture-bare" },
    { label: "empty" },
  ]);
  const provider = await fixture.open();
  expect(await contentOf(read(provider, "db"))).toEqual({
    username: "app",
    password: "s3cret-fixture",
    "admin.password": "s3cret-fixture-admin",
    port: "5432",
    f4: "s3cret-fixture-bare",
  });
  expect(await read(provider, "db")).toMatchObject({ createdAt: new Date("2026-01-02T03:04:05Z") });
});

test("a value with half of a character is no text", async () => {
  fixture.double.put("db", [{ label: "password", value: "\ud800" }]);
  const error = await rejection(read(await fixture.open(), "db"));
  expect(error).toMatchObject({ code: "INVALID_VALUE", reason: "not-utf8" });
});

test("an item that has not changed is one question, which tells its version", async () => {
  const { id } = fixture.double.put("db", [{ label: "password", value: "s3cret-fixture-1" }]);
  const provider = await fixture.open();
  const result = await read(provider, "db");
  const version = result.status === "ok" ? result.version : "";
  const vault = "v".repeat(26);
  expect(targets()).toEqual([
    "/v1/vaults ",
    `/v1/vaults/${vault}/items title eq "db"`,
    `/v1/vaults/${vault}/items/${id} `,
  ]);
  expect(await read(provider, "db", version)).toEqual({ status: "not-modified", version });
  expect(targets().slice(3)).toEqual([`/v1/vaults/${vault}/items title eq "db"`]);
  fixture.double.put("db", [{ label: "password", value: "s3cret-fixture-2" }]);
  expect(await contentOf(read(provider, "db", version))).toEqual({ password: "s3cret-fixture-2" });
});

test("an item that was made anew is another version, though it counts from 1 again", async () => {
  const provider = await fixture.open();
  fixture.double.put("db", [{ label: "password", value: "s3cret-fixture-1" }]);
  const result = await read(provider, "db");
  fixture.double.remove("db");
  fixture.double.put("db", [{ label: "password", value: "s3cret-fixture-2" }]);
  const version = result.status === "ok" ? result.version : "";
  expect(await contentOf(read(provider, "db", version))).toEqual({ password: "s3cret-fixture-2" });
});

test("ids need no look-up, and another vault is part of the path", async () => {
  const { id } = fixture.double.put("db", [{ label: "password", value: "s3cret-fixture" }]);
  const vault = "v".repeat(26);
  const provider = await fixture.open({ vault: "Elsewhere" });
  expect(await contentOf(read(provider, `${vault}/${id}`))).toEqual({ password: "s3cret-fixture" });
  expect(targets()).toEqual([`/v1/vaults/${vault}/items/${id} `]);
  expect(await contentOf(read(provider, "Orders/db"))).toEqual({ password: "s3cret-fixture" });
});

test.each([
  ["no vault", "Elsewhere"],
  ["two vaults", "Twice"],
])("%s of that name is a mistake of the document", async (_what, vault) => {
  fixture.double.vaults.set("w".repeat(26), "Twice").set("x".repeat(26), "Twice");
  const reading = read(await fixture.open({ vault }), "db");
  expect(await rejection(reading)).toMatchObject({ code: "INVALID_CONFIG", reason: "no-store" });
});

test("a title that two items have is INVALID_VALUE", async () => {
  const item = fixture.double.put("db", [{ label: "password", value: "s3cret-fixture" }]);
  fixture.double.items.push({ ...item, id: "j".repeat(26) });
  expect(await rejection(read(await fixture.open(), "db"))).toMatchObject({
    code: "INVALID_VALUE",
    reason: "ambiguous",
  });
});

test("a label that two fields have is INVALID_VALUE, and no value is told", async () => {
  fixture.double.put("db", [
    { label: "password", value: "s3cret-fixture-1" },
    { label: "password", value: "s3cret-fixture-2" },
  ]);
  const error = await rejection(read(await fixture.open(), "db"));
  expect(error).toMatchObject({ code: "INVALID_VALUE", reason: "ambiguous" });
  expect(String(error)).not.toContain("s3cret-fixture");
});

test("an answer about another item is none", async () => {
  fixture.double.put("db", [{ label: "a", value: "s3cret-fixture" }]);
  const body = { id: "j".repeat(26), version: 1, fields: [{ label: "a", value: "s3cret-fixture-2" }] };
  fixture.double.override = ({ path }) => (/\/items\/./.test(path) ? { body } : undefined);
  const error = await rejection(read(await fixture.open(), "db"));
  expect(error).toMatchObject({ code: "INTERNAL", reason: "malformed-answer" });
});

test("an answer that has a key twice is INVALID_VALUE", async () => {
  const { id } = fixture.double.put("db", [{ label: "a", value: "s3cret-fixture" }]);
  const body = `{"id":"${id}","version":1,"fields":[{"label":"a","value":"s3cret-fixture-1","value":"s3cret-fixture-2"}]}`;
  fixture.double.override = ({ path }) => (/\/items\/./.test(path) ? { body } : undefined);
  const error = await rejection(read(await fixture.open(), "db"));
  expect(error).toMatchObject({ code: "INVALID_VALUE", reason: "duplicate-key" });
});

test("a vault that was made anew under its name is found by the read that meets it, by title and by id", async () => {
  const { double } = fixture;
  const { id } = double.put("db", [{ label: "password", value: "s3cret-fixture" }]);
  const provider = await fixture.open();
  for (const [path, vault] of [
    ["db", "w"],
    [id, "x"],
  ] as const) {
    await read(provider, path);
    double.vaults.clear();
    double.vaults.set(vault.repeat(26), "Orders");
    expect(await contentOf(read(provider, path))).toEqual({ password: "s3cret-fixture" });
  }
  double.vaults.clear();
  expect(await rejection(read(provider, "db"))).toMatchObject({ code: "INVALID_CONFIG", reason: "no-store" });
});

test("a vault that is denied stays denied, and is looked up once for that", async () => {
  fixture.double.put("db", [{ label: "password", value: "s3cret-fixture" }]);
  const provider = await fixture.open();
  await read(provider, "db");
  fixture.double.override = ({ path }) => (path.includes("/items") ? failure(403, "vault is not in scope") : undefined);
  const before = fixture.double.requests.length;
  expect(await rejection(read(provider, "db"))).toMatchObject({ code: "PERMISSION_DENIED", reason: "policy" });
  expect(targets().slice(before)).toEqual([`/v1/vaults/${"v".repeat(26)}/items title eq "db"`, "/v1/vaults "]);
});

test("a field without a label and an id has no name", async () => {
  const { id } = fixture.double.put("db", [{ label: "a", value: "s3cret-fixture" }]);
  fixture.double.override = ({ path }) =>
    /\/items\/./.test(path) ? { body: { id, version: 1, fields: [{ value: "s3cret-fixture" }] } } : undefined;
  const error = await rejection(read(await fixture.open(), "db"));
  expect(error).toMatchObject({ code: "INTERNAL", reason: "malformed-answer" });
});

test("diagnose tells which vaults the token reads, and warns of more than one", async () => {
  const provider = await fixture.open();
  expect((await provider.diagnose?.(forever))?.map(({ message }) => message)).toEqual([
    'the token reads the vaults "Orders"',
  ]);
  fixture.double.vaults.set("w".repeat(26), "Billing");
  expect((await provider.diagnose?.(forever))?.map(({ code }) => code)).toEqual(["identity", "token-wide"]);
  fixture.double.vaults.set("x".repeat(26), "Odd\u001b[2J");
  expect((await provider.diagnose?.(forever))?.[0]?.message).toContain('"Odd\\u001b[2J"');
  fixture.double.override = () => failure(401, "s3cret-fixture");
  expect((await provider.diagnose?.(forever))?.map(({ code }) => code)).toEqual(["store"]);
});

test("a slash in a name is a dash in the title, and quotes cannot end a filter", async () => {
  expect(toItemTitle("db/primary", "orders-")).toBe("orders-db-primary");
  expect(await rejection(read(await fixture.open(), 'db" or title co "'))).toMatchObject({ code: "INVALID_NAME" });
});
