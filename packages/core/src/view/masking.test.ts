import { describe, expect, test } from "vitest";
import { declaredClient } from "../../test/declared-client.ts";
import { declareSecrets } from "../declare/declare.ts";
import { json } from "../decode/json.ts";
import { object } from "../decode/object.ts";

const host = "db.internal.example";
const password = "s3cret-fixture";
const line = `host=${host} password=${password} pin=4711`;
const login = { host, password, pin: "4711" };

describe("the mask of each field", () => {
  test.each([
    ["fields", login, object(["host", "password", "pin"])],
    ["one value that object() reads", JSON.stringify(login), object(["host", "password", "pin"])],
    ["one value that json() reads", JSON.stringify(login), json()],
    ["one value that text() reads", JSON.stringify(login), undefined],
  ])("holds for %s", async (_, stored, as) => {
    const mask = { host: "never", pin: "always" } as const;
    const client = declaredClient(declareSecrets({ db: { ref: "db", mask, ...(as === undefined ? {} : { as }) } }));
    client.store.set("db", stored);
    await client.secrets.ready();
    client.secrets.latest("db").reveal();
    expect(client.secrets.redactor.redact(line)).toBe(`host=${host} password=[REDACTED:db] pin=[REDACTED:db]`);
  });

  test("masks every member of a value except a host if no member is named", async () => {
    const client = declaredClient(declareSecrets({ db: { ref: "db" } }));
    client.store.set("db", JSON.stringify(login));
    await client.secrets.ready();
    client.secrets.latest("db").reveal();
    expect(client.secrets.redactor.redact(line)).toBe("host=db.internal.example password=[REDACTED:db] pin=4711");
  });
});
