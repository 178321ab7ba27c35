import { afterEach, expect, test, vi } from "vitest";
import { ScriptedStore } from "../scripted-store.ts";

afterEach(() => {
  vi.resetModules();
});

/** A copy of the package, as another version of a framework or a runner that resets modules brings. */
async function copy() {
  vi.resetModules();
  return { ...(await import("../../src/index.ts")), ...(await import("../../src/redact/index.ts")) };
}

test("what one copy declares and issues, the other reads and masks", async () => {
  const [a, b] = [await copy(), await copy()];
  expect(a.createSecrets).not.toBe(b.createSecrets);
  const store = new ScriptedStore();
  // Like no value of another file, since the redactor is that of the process.
  store.set("db/primary", JSON.stringify({ password: "tw0-copies-of-one-value" }));
  const secrets = b.createSecrets({
    adapters: { store: store.adapter() },
    declare: a.declareSecrets({ db: { ref: "db/primary", as: a.object(["password"]) } }),
    config: { providers: { store: { use: "store" } }, routes: [{ match: "**", to: ["store"] }] },
  });
  await secrets.ready();
  const { password } = secrets.latest("db").reveal();
  for (const { defaultRedactor } of [a, b]) {
    expect(defaultRedactor.redact(`login ${password}`)).toBe("login [REDACTED:db/primary]");
    // A Secret of the other copy is read without being revealed.
    expect(defaultRedactor.find(password)).toEqual(["db/primary"]);
  }
  const release = a.defaultRedactor.register(secrets.latest("db"), { name: "of the other copy" });
  expect(b.defaultRedactor.redact(password)).toMatch(/^\[REDACTED:/);
  release();
  await secrets.close();
  const error: unknown = await secrets.getSecret("db").catch((thrown: unknown) => thrown);
  expect([a.isSecretError(error, "CLOSED"), b.isSecretError(error, "CLOSED")]).toEqual([true, true]);
  // As the page of errors says: only the copy that made an error has its class.
  expect([error instanceof a.SecretError, error instanceof b.SecretError]).toEqual([false, true]);
});

test("a copy refuses the options of `register` that it does not know, so both must be of one version", async () => {
  const [older, newer] = [await copy(), await copy()];
  expect(older.defaultRedactor).toBe(newer.defaultRedactor);
  const register = newer.defaultRedactor.register as (value: string, options: object) => unknown;
  expect(() => register("s3cret-fixture", { name: "db", ofTheNextVersion: true })).toThrow(
    'no option "ofTheNextVersion"',
  );
});
