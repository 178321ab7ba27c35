import { posix } from "node:path";
import { describe, expect, test } from "vitest";
import { repositoryFiles } from "./repository-files.ts";
import { repositoryRules } from "./repository-rules.ts";
import { publishedPackages, repository } from "./workspace.ts";

const entryPoints = publishedPackages().flatMap(({ folder, entryPoints: own }) =>
  own.map(({ source }) => posix.relative(repository, posix.join(folder, source))),
);
const rules = repositoryRules(new Set(entryPoints));

function problems(path: string, text: string): readonly string[] {
  return rules.filter((rule) => rule.problem({ path, text }) !== undefined).map(({ title }) => title);
}

describe("the repository", () => {
  const files = repositoryFiles();

  test("is there to be checked", () => {
    expect(files.map(({ path }) => path)).toEqual(expect.arrayContaining(["package.json", ...entryPoints]));
  });

  test.each(rules)("$title", (rule) => {
    const found = files.flatMap((file) => {
      const problem = rule.problem(file);
      return problem === undefined ? [] : [`${file.path}: ${problem}`];
    });
    expect(found).toEqual([]);
  });
});

describe("the rules", () => {
  test.each([
    ["packages/core/src/secret/secret.ts", "line\n".repeat(400)],
    ["packages/core/src/secret/secret.test.ts", "line\n".repeat(400)],
    ["packages/core/src/redact/index.ts", "line\n".repeat(60)],
    ["docs/providers/file.md", "Mount it at /etc/secrets, or under /var/run; /homework/ is fine, and so is ./root/x."],
    ["packages/e2e/src/a.ts", `write(\`${"$"}{mount}/root/generate/internal\`)`],
    ["packages/core/src/a.ts", `// Waits for ${"TO"}DO item of #12`],
  ])("let %s pass", (path, text) => {
    expect(problems(path, text)).toEqual([]);
  });

  test.each([
    ["lines", "packages/core/src/secret/secret.ts", "line\n".repeat(401)],
    ["lines", "packages/core/src/secret/secret.test.ts", "line\n".repeat(401)],
    ["lines", "packages/core/src/redact/index.ts", "line\n".repeat(61)],
    ["named", "packages/core/src/utils.ts", ""],
    ["named", "packages/core/src/types.ts", ""],
    ["named", "packages/core/src/SecretError.ts", ""],
    ["machine", "docs/a.md", `see /${"home"}/somebody/tacit`],
    ["machine", "a.json", `{"root":"/${"Users"}/somebody"}`],
    ["machine", "pnpm-lock.yaml", `tarball: https://registry.${"npmjs"}.org/a.tgz`],
    ["machine", ".npmrc", `//host/:_auth${"Token"}=s3cret-fixture`],
    ["skipped", "packages/core/src/a.test.ts", `test.${"skip"}("a", () => {})`],
    ["skipped", "packages/core/src/a.test.ts", `describe.${"only"}("a", () => {})`],
    ["empty", "STOP", ""],
    ["open end", "packages/core/src/a.ts", `// ${"TO"}DO later`],
  ])("find a breach of the one on %s in %s", (word, path, text) => {
    expect(problems(path, text).join("\n")).toContain(word);
  });
});
