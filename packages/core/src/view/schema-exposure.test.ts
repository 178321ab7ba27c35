import { expect, test } from "vitest";
import { scriptedClient } from "../../test/scripted-client.ts";
import type { StandardSchemaV1 } from "../contract/standard-schema.ts";
import { declareSecrets } from "../declare/declare.ts";
import type { Decoder } from "../decode/codec.ts";
import { json } from "../decode/json.ts";
import { object } from "../decode/object.ts";

const password = "s3cret-fixture";

/** What a schema that logs its input would write, behind the client's redactor. */
async function loggedBy(as: (schema: StandardSchemaV1) => Decoder<unknown>, stored: string | Record<string, string>) {
  let logged = "nothing";
  const schema: StandardSchemaV1 = {
    "~standard": {
      version: 1,
      vendor: "test",
      validate(value) {
        const { login } = value as { login: string | { password: string } };
        logged = client.secrets.redactor.redact(`got ${typeof login === "string" ? login : login.password}`);
        return { value };
      },
    },
  };
  const client = scriptedClient({ stores: ["a"], declare: declareSecrets({ db: { ref: "db", as: as(schema) } }) });
  client.store.set("db", stored);
  await client.secrets.ready();
  return logged;
}

test.each([
  ["a field", object, { login: password }],
  ["a member of a JSON value", object, JSON.stringify({ login: password })],
  ["a member of a JSON value that json() reads", json, JSON.stringify({ login: password })],
  ["a string that JSON escapes", json, JSON.stringify({ login: `${password}\n"quoted"` })],
  ["a string deeper in a JSON value", object, JSON.stringify({ login: { password } })],
] as const)("%s is masked before a schema sees it", async (_what, as, stored) => {
  expect(await loggedBy(as, stored)).toBe("got [REDACTED:db]");
});
