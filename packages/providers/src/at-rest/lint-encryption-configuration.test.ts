import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { lintEncryptionConfiguration } from "./lint-encryption-configuration.ts";

interface Case {
  readonly title: string;
  readonly rules?: string;
  readonly text?: string;
  readonly refused: boolean;
  readonly codes: readonly string[];
}

const folder = new URL("../../test/", import.meta.url);
/** A real API server is asked about each of them, too: packages/e2e/src/cluster/at-rest.e2e.ts. */
const { keys, cases } = JSON.parse(readFileSync(new URL("encryption-configurations.json", folder), "utf8")) as {
  /** word of a case -> the key that it stands for */
  readonly keys: Readonly<Record<string, string>>;
  readonly cases: readonly Case[];
};
const key = keys["KEY-32"] ?? "";

const words = new RegExp(Object.keys(keys).join("|"), "g");
const header = "apiVersion: apiserver.config.k8s.io/v1\nkind: EncryptionConfiguration\nresources: ";

function textOf({ rules, text }: Case): string {
  return (text ?? `${header}${rules}\n`).replace(words, (word) => keys[word] ?? "");
}

test.each(cases)("finds in a file with $title: $codes", async (one) => {
  const findings = await lintEncryptionConfiguration(textOf(one));
  expect(findings.map(({ code }) => code)).toEqual(one.codes);
  expect(findings.some(({ refused }) => refused)).toBe(one.refused);
  const told = JSON.stringify(findings);
  for (const secret of Object.values(keys)) expect(told).not.toContain(secret.slice(0, 12));
});

test("the page of it lists each code of these files, and no other", () => {
  const page = readFileSync(new URL("../../../docs/encryption-at-rest.md", folder), "utf8");
  const [, table = ""] = /\n\| what \| codes \|\n(.*?)\n\n/s.exec(page) ?? [];
  const listed = [...table.matchAll(/`([a-z0-9-]+)`/g)].map(([, code]) => code);
  const bounds = ["too-large", "too-deep"];
  expect(listed.toSorted()).toEqual([...new Set([...cases.flatMap(({ codes }) => codes), ...bounds])].toSorted());
});

test("says where and what to do", async () => {
  const text = [
    "apiVersion: apiserver.config.k8s.io/v1",
    "kind: EncryptionConfiguration",
    "resources:",
    "  - resources: [secrets]",
    "    providers:",
    "      - identity: {}",
    "      - secretbox:",
    "          keys:",
    "            - name: first",
    `              secret: ${keys["KEY-33"]}`,
    "",
  ].join("\n");
  const [length, order] = await lintEncryptionConfiguration(text);
  expect(length).toMatchObject({
    level: "error",
    code: "key-length",
    refused: true,
    line: 10,
    path: "resources[0].providers[1].secretbox.keys[0].secret",
    message: "line 10, resources[0].providers[1].secretbox.keys[0].secret: the key has 33 bytes; secretbox takes 32",
  });
  expect(order).toMatchObject({ level: "error", code: "identity-first", refused: false, line: 6 });
  expect(order?.tip).toContain("Move identity to the end.");
  expect(order?.tip).toContain("Existing Secrets change only when they are written again");
});

test.each([
  ["for the name of a key", `{${key}: x}`],
  ["for a provider", `{apiVersion: a, kind: b, resources: [{providers: [{${key}: {}}]}]}`],
  ["for a kind", `{apiVersion: a, kind: ${key}}`],
  ["for a resource", `{resources: [{resources: [${key}], providers: [${key}]}]}`],
  ["for an endpoint", `{resources: [{resources: [secrets], providers: [{kms: {endpoint: ${key}, timeout: ${key}}}]}]}`],
  ["in YAML that is none", `resources: [${key}\n"${key}`],
  ["behind a tag or an anchor", `{apiVersion: !${key} x, kind: &${key.slice(0, 20)} y}`],
])("repeats nothing of a key that stands %s", async (_place, text) => {
  const findings = await lintEncryptionConfiguration(text);
  expect(findings.length).toBeGreaterThan(0);
  expect(JSON.stringify(findings)).not.toContain(key.slice(0, 12));
});

test.each([
  ["too large", "too-large", `# ${"x".repeat(256 * 1024)}`],
  ["nested without end", "too-deep", `{kind: ${"[".repeat(100_000)}`],
  ["nested too deep", "too-deep", `{kind: ${"[".repeat(40)}${"]".repeat(40)}}`],
  ["a reference to itself", "alias", "resources: &a [*a, *a]"],
  ["a merge key", "alias", "a: &a {b: c}\n<<: *a"],
])("bounds its work on a file that is %s", async (_what, code, text) => {
  expect((await lintEncryptionConfiguration(text)).map((finding) => finding.code)).toContain(code);
});
