import { recogniseEtcdValue } from "../../../src/at-rest/etcd-value.ts";
import { lintEncryptionConfiguration } from "../../../src/at-rest/lint-encryption-configuration.ts";
import type { MemoryCase, MemoryCases } from "./memory-cases.ts";
import { filled, numbered, toBuffer } from "./mutations.ts";

/** An etcd value has 1.5 MiB at most, unless an operator allows more. */
const cap = 8 * 1024 * 1024;
const configuration = 256 * 1024;
const head = "apiVersion: apiserver.config.k8s.io/v1\nkind: EncryptionConfiguration\nresources: [";

const etcd = (title: string, build: () => Buffer | string): MemoryCase => ({
  title,
  run: async () => [recogniseEtcdValue(toBuffer(build())).form],
});

const linted = (title: string, build: () => Buffer | string): MemoryCase => ({
  title,
  run: async () => [...new Set((await lintEncryptionConfiguration(build().toString())).map(({ code }) => code))],
});

/** EncryptionConfigurations, and values of etcd. */
export const format: MemoryCases = {
  async warmUp() {
    for (let round = 0; round < 20; round += 1) await lintEncryptionConfiguration(`${head}{resources: [secrets]}]`);
  },
  cases: [
    linted("a list of numbers", () => filled("a: [", "1,", configuration, "1]")),
    linted("rules", () => filled(head, "{},", configuration, "]")),
    linted("keys", () =>
      filled(`${head}{resources: [secrets], providers: [aescbc: {keys: [`, "{},", configuration, "]}}]}]"),
    ),
    linted("aliases", () => filled("a: &a [", "*a,", configuration, "]")),
    linted(
      "aliases of aliases",
      () => `a0: &a0 [x]\n${numbered(9, (at) => `a${at + 1}: &a${at + 1} [${`*a${at},`.repeat(9)}]\n`)}`,
    ),
    linted("directives", () => filled("a: b\n", "%\n", configuration)),
    linted("closing brackets", () => filled("a: b\n", "]", configuration)),
    linted("nested lists", () => filled("", "- ", configuration)),
    etcd("JSON of numbers", () => filled('{"a":[', "1,", cap, "1]}")),
    etcd("JSON of maps", () => filled('{"a":[', "{},", cap, "{}]}")),
    etcd("JSON of keys", () => `{${numbered(100_000, (at) => `"k${at}":1,`)}"apiVersion":"v1","kind":"Secret"}`),
    etcd("nested JSON", () => filled("{", '"a":{', cap)),
    etcd("an object in JSON", () => filled('{"apiVersion":"v1","kind":"A","a":"', "x", cap, '"}')),
    etcd("a name without end", () => filled("k8s:enc:kms:v2:", "x", cap)),
    etcd("a body of colons", () => filled("k8s:enc:kms:v2:x:", ":", cap)),
  ],
};
