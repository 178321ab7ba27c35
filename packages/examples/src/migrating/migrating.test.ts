import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseEnv } from "node:util";
import { createSecrets, object } from "@tacit/core";
import { adapters } from "@tacit/providers";
import { afterAll, expect, test } from "vitest";
import { existingSource } from "./existing-source.ts";
import { connectionOptions, declared } from "./secrets.ts";

const page = readFileSync(new URL("../../../../docs/migrating.md", import.meta.url), "utf8");
/** The lines that dotenv and Node read differently, with what Node makes of them. */
const differences = [...page.matchAll(/^\| `(A.*?)` \| .*? \| `(.*?)` \|$/gm)].map(([, line = "", value]) => ({
  line,
  value,
}));
const folder = mkdtempSync(join(tmpdir(), "tacit-migrating-"));

afterAll(() => rmSync(folder, { recursive: true }));

test("the variables of a `.env` file are read under names, and the environment is left as it was", async () => {
  const file = "DATABASE_USER=app\nDATABASE_PASSWORD='s3cret-fixture # 1'\nSTRIPE_SECRET_KEY=s3cret-fixture-stripe\n";
  writeFileSync(join(folder, ".env"), file);
  const before = { ...process.env };
  const document = JSON.parse(readFileSync(new URL("tacit.json", import.meta.url), "utf8"));
  const providers = { env: { ...document.providers.env, dotenv: join(folder, ".env") } };
  await using secrets = createSecrets({ adapters, declare: declared, config: { ...document, providers } });
  await secrets.ready();
  expect(connectionOptions(secrets)).toEqual({ user: "app", password: "s3cret-fixture # 1" });
  expect(secrets.latest("stripe").reveal()).toBe("s3cret-fixture-stripe");
  expect(process.env).toEqual(before);
});

test("the page lists lines that dotenv reads otherwise", () => {
  expect(differences.length).toBeGreaterThan(2);
});

test.each(differences)("Node reads $line as the page says", ({ line, value }) => {
  expect(parseEnv(line)).toEqual({ A: value });
});

test("a library that is there already serves as a store, and its outage leaves the last good value", async () => {
  const values = new Map([["orders/db", '{"username":"app","password":"s3cret-fixture"}']]);
  let fails = false;
  const existing = existingSource(async (name) => {
    if (fails) throw new Error("s3cret-fixture is in this message");
    return values.get(name);
  });
  await using secrets = createSecrets({
    adapters: { ...adapters, existing },
    strict: false,
    config: { providers: { old: { use: "existing" } }, routes: [{ match: "**", to: ["old"] }] },
  });
  const db = object(["username", "password"]);
  expect((await secrets.getSecret("orders/db", db)).reveal()).toEqual({ username: "app", password: "s3cret-fixture" });
  fails = true;
  const failure = await secrets.getSecret("orders/db", db, { freshness: "fresh" }).catch((error) => error);
  expect(failure).toMatchObject({ code: "INTERNAL", reason: "unexpected" });
  expect(`${failure.stack}${JSON.stringify(failure)}${failure.cause?.message}`).not.toContain("s3cret-fixture");
  expect((await secrets.getSecret("orders/db", db)).reveal().username).toBe("app");
  fails = false;
  values.delete("orders/db");
  await expect(secrets.getSecret("orders/none")).rejects.toMatchObject({ code: "NOT_FOUND", definitive: false });
});
