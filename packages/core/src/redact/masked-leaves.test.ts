import { describe, expect, test } from "vitest";
import { declaredClient } from "../../test/declared-client.ts";
import { declareSecrets } from "../declare/declare.ts";
import { json } from "../decode/json.ts";
import { maskedLeavesOf } from "./masked-leaves.ts";
import { createRedactor } from "./redactor.ts";

const password = "s3cret!Fixture9";
const name = "orders-service";
const line = `password ${password} of ${name}`;

describe("a member whose name says that it holds no secret", () => {
  test.each<[kind: string, value: object]>([
    ["beside the password", { username: name, password }],
    ["in an object in it", { primary: { username: name, password } }],
    ["in a list", [{ host: name, password }]],
    ["in an object of such a name", { database: { dbname: name, password } }],
    ["with a longer name", { DB_HOST: name, password }],
    ["in an object of such a name, as a list", { user: { hosts: [1], host: [name], token: password } }],
    ["that holds a connection string", { host: `postgres://app:${password}@${name}/orders` }],
    ["that holds a password behind a colon", { user: `${name}:${password}` }],
  ])("is not masked, and what is secret is: %s", async (_, value) => {
    for (const as of [json(), undefined]) {
      const client = declaredClient(declareSecrets({ db: { ref: "db", ...(as === undefined ? {} : { as }) } }));
      client.store.set("db", JSON.stringify(value));
      await client.secrets.ready();
      client.secrets.latest("db").reveal();
      expect(client.secrets.redactor.redact(line)).toBe(`password [REDACTED:db] of ${name}`);
    }
  });

  test("is masked if its mask says so", () => {
    for (const mask of [{ username: "auto" }, { primary: "always" }, "always"] as const) {
      const redactor = createRedactor();
      redactor.register(JSON.stringify({ username: name, primary: { user: name } }), { name: "db", mask });
      expect(redactor.redact(line)).toBe(`password ${password} of [REDACTED:db]`);
    }
  });

  test("counts as no secret that could not be masked", () => {
    const warnings: string[] = [];
    const redactor = createRedactor({ onWarning: (warning) => warnings.push(warning.name) });
    redactor.register(JSON.stringify({ host: "h:1", password }), { name: "db" });
    expect(warnings).toEqual([]);
    expect([...maskedLeavesOf({ host: "h:1", password }, "auto")]).toEqual([
      { leaf: password, masks: "auto", isCandidate: false },
    ]);
  });
});
