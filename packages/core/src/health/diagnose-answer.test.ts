import { describe, expect, test } from "vitest";
import { scriptedClient } from "../../test/scripted-client.ts";
import type { Finding } from "../contract/contract.ts";
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

test("a failed check does not repeat a finding of the adapter, and is no error if the provider is optional", async () => {
  const lost: Finding = { level: "error", code: "root-not-found", message: "the root does not exist" };
  const other: Finding = { level: "error", code: "verify-off", message: "TLS is not checked" };
  for (const optional of [false, true]) {
    const providers = { vault: { use: "vault", optional } };
    const { secrets, store } = scriptedClient({ stores: ["vault"], config: { providers } });
    store.checkError = new SecretError("UNAVAILABLE", "there is no root", { reason: "root-not-found" });
    store.findings = [lost, other];
    const level = optional ? "warning" : "error";
    expect(await secrets.diagnose()).toEqual([
      { ...lost, level, provider: "vault" },
      { ...other, provider: "vault" },
    ]);
    store.findings = [];
    expect(await secrets.diagnose()).toMatchObject([{ level, code: "unavailable" }]);
    await secrets.close();
  }
});

describe("a finding that only all providers together can make", () => {
  const unused: Finding = { level: "warning", code: "unused", message: "nobody uses it", unanimous: true };
  const other: Finding = { level: "info", code: "other", message: "something else" };

  test.each<[string, readonly (readonly Finding[])[], readonly Finding[]]>([
    ["all of them make it", [[unused], [unused, other]], [{ ...other, provider: "b" }, omitUnanimous(unused)]],
    ["one of them does not", [[unused], [other]], [{ ...other, provider: "b" }]],
    [
      "one of them says it without asking the others",
      [[unused], [omitUnanimous(unused)]],
      [{ ...omitUnanimous(unused), provider: "b" }],
    ],
  ])("where %s", async (_when, [ofA = [], ofB = []], told) => {
    const { secrets, stores } = scriptedClient({ stores: ["a", "b"] });
    for (const [name, findings] of [
      ["a", ofA],
      ["b", ofB],
    ] as const) {
      const store = stores[name];
      if (store !== undefined) store.findings = findings;
    }
    expect(await secrets.diagnose()).toEqual(told);
    await secrets.close();
  });

  function omitUnanimous({ unanimous: _, ...finding }: Finding): Finding {
    return finding;
  }
});
