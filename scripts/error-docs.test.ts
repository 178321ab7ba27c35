import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { errorCodes, errorReasons, kebabLiterals } from "./error-reasons.ts";
import { markdownHeadings, markdownSection } from "./markdown.ts";
import { readSourceTree, type SourceFile, toSourceTree } from "./source-tree.ts";
import { repository } from "./workspace.ts";

const page = readFileSync(join(repository, "docs/errors.md"), "utf8");
const sources = [...readSourceTree().files.values()].filter(
  ({ path }) => /^packages\/(core|providers|express|nestjs)\//.test(path) && !/\.test(-d)?\.ts$/.test(path),
);
const codes = sources.filter(({ path }) => path.endsWith("/secret-error.ts")).flatMap(errorCodes);
const reasonRow = /^\| `([a-z0-9-]+)` \|/gm;

function parse(text: string): SourceFile {
  const [file] = toSourceTree({ "a.ts": text }, {}).files.values();
  if (file === undefined) throw new Error("no file");
  return file;
}

function documentedReasons(text: string): readonly string[] {
  return [...text.matchAll(reasonRow)].map(([, reason = ""]) => reason);
}

test("every code has exactly one heading, and no other code has one", () => {
  const headings = markdownHeadings(page).filter(({ title }) => /^[A-Z_]+$/.test(title));
  expect(codes.length).toBeGreaterThan(10);
  expect(headings.map(({ title }) => title).toSorted()).toEqual(codes.toSorted());
});

test.each(codes)("%s tells what it means, whether to ask again, and what to do", (code) => {
  const section = markdownSection(page, code) ?? "";
  expect(section).toMatch(/\*\*Retryable:\*\* (yes|no)/);
  expect(section).toContain("**What to do:**");
});

test("every reason in the sources is documented", () => {
  const documented = new Set(documentedReasons(page));
  const missing = sources.flatMap((file) =>
    errorReasons(file)
      .filter((reason) => !documented.has(reason))
      .map((reason) => `${file.path}: ${reason}`),
  );
  expect(missing).toEqual([]);
});

test("every documented reason is in the sources", () => {
  const known = new Set(sources.flatMap(kebabLiterals));
  expect(documentedReasons(page).filter((reason) => !known.has(reason))).toEqual([]);
});

// Words that a row shares with its message. A message that is reworded fails here until its row is, too.
test.each([
  ["kubeconfig-login", "the user of the kubeconfig provided no credentials"],
  ["cloud-identity", "the cloud of this machine returned no "],
  ["cloud-identity", "refers to something other than a regular file"],
  ["api-server-starting", "denied a request before its authorizer was ready"],
  ["unreachable", "cannot be reached from here"],
  ["unreachable", "the permissions of the runtime deny it"],
  ["not-a-file", "is not a regular file"],
  ["kubeconfig", "is not a regular file"],
  ["kubeconfig", "cannot be read"],
  ["kubeconfig", "is too large"],
  ["duplicate-key", "appears more than once"],
  ["syntax", "is nested deeper than "],
  ["too-large", "nested too deeply, too large, or contains itself"],
  ["holds-volumes", "contains mounted volumes, which "],
  ["unsettled", "keeps changing"],
  ["sealed", "Vault is sealed"],
  ["wrapping-token-used", "this process has already used the wrapping token"],
  ["wrapping-token-spent", "Vault does not know "],
])("the row of %s has the words of its message: %s", (reason, words) => {
  const rows = page.split("\n").filter((line) => line.startsWith(`| \`${reason}\` |`));
  expect(rows.some((row) => row.includes(words))).toBe(true);
  expect(sources.some(({ text }) => text.includes(words))).toBe(true);
});

test("codes and reasons are found in code", () => {
  expect(errorCodes(parse('export type SecretErrorCode = "A" | "B"; export type Other = "C" | "D";'))).toEqual([
    "A",
    "B",
  ]);
  expect(errorReasons(parse('f({ reason: "a-b" }); f({ reason: x ? "c" : "d" }); f({ reason: y ?? "e" });'))).toEqual([
    "a-b",
    "c",
    "d",
    "e",
  ]);
  expect(errorReasons(parse('f({ current, reason: "rotated" }); f({ reason: given });'))).toEqual([]);
});
