import { conformanceHost } from "@tacit/core/conformance";
import { openKeys } from "../../../src/shared/keys/open-keys.ts";
import { decryptFile } from "../../../src/sops/decrypt-file.ts";
import { testIdentity } from "../../age/vectors.ts";
import { sopsFile } from "../../sops/vectors.ts";
import { forever } from "../file-fixture.ts";
import type { MemoryCase, MemoryCases } from "./memory-cases.ts";
import { filled, hostile, mutated, numbered } from "./mutations.ts";

const host = conformanceHost({ credential: async () => Buffer.from(testIdentity) });
const keys = openKeys([{ use: "age", identity: { $env: "KEY" } }], host);
const cap = 1024 * 1024;

const open = (path: string) => (bytes: Buffer) => decryptFile({ bytes, path, format: "extension" }, keys, forever);
const textOf = (name: string): string => sopsFile(name).toString();

/** Makes the cases of a format from its hostile files and a file of the sops program. */
export function sopsCases(extension: keyof typeof sopsFiles): MemoryCases {
  const files: readonly (readonly [string, () => Buffer | string])[] = sopsFiles[extension];
  const valid = [sopsFile(`all.${extension}`)];
  const cases: readonly MemoryCase[] = files.map(([title, build]) => hostile(title, build, open(`a.${extension}`)));
  return {
    async warmUp() {
      for (let round = 0; round < 10; round += 1) for (const file of valid) await open(`a.${extension}`)(file);
    },
    cases: [...cases, mutated(`all.${extension}`, valid, open(`a.${extension}`))],
  };
}

/** Returns a list of metadata in JSON whose entries fill the cap. */
const withList = (list: string, entry: string): Buffer =>
  filled(`{"a":1,"sops":{"version":"3.9.0","${list}":[`, `${entry},`, cap, `${entry}]}}`);

const withRegex = (regex: string): string =>
  textOf("all.json").replace('"unencrypted_suffix": "_unencrypted"', `"encrypted_regex": ${JSON.stringify(regex)}`);

/** The files that amplify, by format. */
const sopsFiles = {
  yaml: [
    ["a list of numbers", () => filled("a: [", "1,", cap / 4, "1]\n")],
    ["a list in lines", () => filled("a:\n", "- \n", cap / 4)],
    ["empty keys", () => filled("a: [", "?,", cap / 4, "1]\n")],
    ["documents", () => filled("a: b\n", "---\n", cap / 4)],
    ["nested lists", () => filled("a: ", "[", cap / 4)],
    ["nested lists in a line", () => filled("", "- ", cap / 4)],
    ["nested keys", () => filled("", "? ", cap / 4)],
    ["aliases", () => filled("a: &a [x]\nb: [", "*a,", cap / 4, "*a]\n")],
    [
      "aliases of aliases",
      () => `a0: &a0 [x]\n${numbered(9, (at) => `a${at + 1}: &a${at + 1} [${`*a${at},`.repeat(9)}]\n`)}`,
    ],
    ["comments", () => filled("a: b\n", "#\n", cap / 4)],
    ["directives", () => filled("a: b\n", "%\n", cap / 4)],
    ["closing brackets", () => filled("a: b\n", "]", cap / 4)],
    ["wrong escapes", () => filled('a: "', "\\q", cap / 4, '"\n')],
    ["tags", () => filled("a: [", "!a x,", cap / 4, "]")],
    ["empty lines", () => filled("a: b", "\n", cap / 4)],
    ["clear values in a valid file", () => filled(`${textOf("all.yaml")}z_unencrypted: [`, "1,", cap / 4, "1]\n")],
    [
      "keys in a valid file",
      () => textOf("all.yaml").replace(/^ {4}lastmodified/m, `    pgp:\n${"        - enc: x\n".repeat(12_000)}$&`),
    ],
  ],
  json: [
    ["a list of numbers", () => filled('{"a":[', "1,", cap, "1]}")],
    ["a list of maps", () => filled('{"a":[', "{},", cap, "{}]}")],
    ["nested lists", () => filled('{"a":', "[", cap)],
    ["one string", () => filled('{"a":"', "x", cap, '"}')],
    ["escapes", () => filled('{"a":"', "\\u0041", cap, '"}')],
    ["a string that does not end", () => filled('{"a":"', '\\"', cap)],
    ["keys", () => `{${numbered(70_000, (at) => `"k${at}":1,`)}"a":1}`],
    ["one number", () => filled('{"a":', "9", cap, "}")],
    ["blanks", () => filled('{"a":', " ", cap, "1}")],
    ["empty recipients", () => withList("age", "{}")],
    ["empty messages", () => withList("pgp", '{"enc":""}')],
    [
      "one large armor",
      () =>
        withList(
          "age",
          `{"enc":"-----BEGIN AGE ENCRYPTED FILE-----\\n${`${"A".repeat(64)}\\n`.repeat(15_000)}"}`,
        ).slice(0, cap),
    ],
    ["a rule of repetitions", () => withRegex("(a{1,100}b{1,100})?".repeat(50))],
    ["a rule of nested repetitions", () => withRegex("((a{1,30}){1,30})?".repeat(50))],
    ["a rule of alphabets", () => withRegex("\\pL".repeat(240))],
    ["a rule of alphabets without case", () => withRegex("(?i)[^\\pL]".repeat(90))],
  ],
  env: [
    ["keys", () => numbered(29_000, (at) => `k${at}=1\n`)],
    ["more keys", () => numbered(90_000, (at) => `k${at}=1\n`)],
    ["lines", () => filled("a=b", "\n", cap)],
    ["comments", () => filled("a=b\n", "#\n", cap)],
    ["recipients", () => `${textOf("all.env")}${numbered(20_000, (at) => `sops_pgp__list_${at}__map_enc=x\n`)}`],
    ["line feeds in metadata", () => filled(`${textOf("all.env")}sops_x=`, "\\n", cap)],
    ["steps in the name of metadata", () => filled(`${textOf("all.env")}sops_x`, "__map_", cap, "=x\n")],
  ],
  ini: [
    ["keys", () => numbered(29_000, (at) => `k${at}=1\n`)],
    ["sections", () => numbered(29_000, (at) => `[k${at}]\n`)],
    ["more sections", () => numbered(90_000, (at) => `[k${at}]\n`)],
    ["comments", () => filled("a=b\n", "#\n", cap)],
    ["a quote that does not end", () => filled("a=`", "\n", cap)],
    ["sections in a valid file", () => `${textOf("all.ini")}${numbered(9_000, (at) => `[x${at}]\na=\n`)}`],
  ],
  bin: [
    [
      "one value",
      () =>
        filled(
          '{"data":"ENC[AES256_GCM,data:',
          "AAAA",
          cap,
          ',iv:AAAAAAAAAAAAAAAA,tag:AAAAAAAAAAAAAAAAAAAAAA==,type:str]"}',
        ),
    ],
  ],
} as const satisfies Record<string, readonly (readonly [string, () => Buffer | string])[]>;
