import { expect, test } from "vitest";
import { scriptedClient } from "../../test/scripted-client.ts";
import { SecretError } from "../error/secret-error.ts";

test("a store that does not answer its check is a finding, beside what its adapter finds", async () => {
  const { secrets, store } = scriptedClient({ stores: ["vault"] });
  store.checkError = new SecretError("UNAVAILABLE", "the store is sealed", { tip: "Unseal it." });
  store.findings = [{ level: "info", code: "of-the-adapter", message: "something" }];
  const findings = await secrets.diagnose();
  expect(findings).toEqual(
    expect.arrayContaining([
      { level: "info", code: "of-the-adapter", message: "something", provider: "vault" },
      { level: "error", code: "unavailable", message: "the store is sealed", tip: "Unseal it.", provider: "vault" },
    ]),
  );
  store.checkError = undefined;
  expect((await secrets.diagnose()).map(({ code }) => code)).not.toContain("unavailable");
  await secrets.close();
});
