import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseSync, Visitor } from "oxc-parser";
import { expect, test } from "vitest";
import { repositoryFiles } from "./repository-files.ts";
import { repository } from "./workspace.ts";

const { peerDependenciesMeta } = JSON.parse(
  readFileSync(join(repository, "packages/providers/package.json"), "utf8"),
) as { readonly peerDependenciesMeta: Readonly<Record<string, { readonly optional?: boolean }>> };
const optional = new Set(Object.keys(peerDependenciesMeta).filter((name) => peerDependenciesMeta[name]?.optional));

/** The optional packages that a source imports where no `try` would catch that one of them is not installed. */
function unguardedImports(text: string): readonly string[] {
  const unguarded: string[] = [];
  let guards = 0;
  const visitor = new Visitor({
    BlockStatement(block) {
      if (guarded.has(block.start)) guards += 1;
    },
    "BlockStatement:exit"(block) {
      if (guarded.has(block.start)) guards -= 1;
    },
    TryStatement({ block }) {
      guarded.add(block.start);
    },
    ImportExpression({ source }) {
      const name = source.type === "Literal" ? String(source.value) : "";
      if (optional.has(name) && guards === 0) unguarded.push(name);
    },
  });
  const guarded = new Set<number>();
  visitor.visit(parseSync("source.ts", text).program);
  return unguarded;
}

test("an import of an optional package is told from one that a bundler must find", () => {
  const guarded = 'try { return await import("ws"); } catch { throw missing; }';
  expect(optional.has("ws")).toBe(true);
  expect(unguardedImports(`async function load() { ${guarded} }`)).toEqual([]);
  expect(unguardedImports('try { work(); } catch { await import("ws"); }')).toEqual(["ws"]);
  expect(unguardedImports('const { a } = await import("ws");')).toEqual(["ws"]);
  expect(unguardedImports('const { a } = await import("./own.ts");')).toEqual([]);
});

test("optional packages are imported in a try alone, since bundlers refuse what is not installed anywhere else", () => {
  const sources = repositoryFiles().filter(
    ({ path }) => /^packages\/providers\/src\/.*\.ts$/.test(path) && !path.endsWith(".test.ts"),
  );
  expect(sources.length).toBeGreaterThan(100);
  const found = sources.flatMap(({ path, text }) => unguardedImports(text).map((name) => `${path}: ${name}`));
  expect(found).toEqual([]);
});
