import { globSync, readFileSync } from "node:fs";
import { posix } from "node:path";
import { type Program, parseSync, Visitor } from "oxc-parser";
import { publishedPackages, repository } from "./workspace.ts";

/** One import, export-from, or `import()`, of a value or of types. */
export interface SourceImport {
  readonly specifier: string;
  /** `type` costs nothing at run time; `dynamic` costs on first use. */
  readonly kind: "static" | "dynamic" | "type";
}

/** One parsed TypeScript file. */
export interface SourceFile {
  /** From the root of the repository: `packages/core/src/index.ts`. */
  readonly path: string;
  readonly text: string;
  readonly program: Program;
  readonly imports: readonly SourceImport[];
}

/** The sources of all packages, and which of them are entry points of published packages. */
export interface SourceTree {
  /** path -> file */
  readonly files: ReadonlyMap<string, SourceFile>;
  /** specifier -> path: `@tacit/core/redact` -> `packages/core/src/redact/index.ts` */
  readonly entryPoints: ReadonlyMap<string, string>;
}

/** Parses what stands under packages/ now. */
export function readSourceTree(): SourceTree {
  const paths = globSync("packages/*/{src,test}/**/*.ts", { cwd: repository });
  const texts = paths.map((path) => [path, readFileSync(posix.join(repository, path), "utf8")] as const);
  const entryPoints = publishedPackages().flatMap((one) =>
    one.entryPoints.map(({ specifier, source }) => [
      specifier,
      posix.relative(repository, posix.join(one.folder, source)),
    ]),
  );
  return toSourceTree(Object.fromEntries(texts), Object.fromEntries(entryPoints));
}

/** Parses texts by path. */
export function toSourceTree(texts: Record<string, string>, entryPoints: Record<string, string>): SourceTree {
  const files = Object.entries(texts).map(([path, text]) => parse(path, text));
  return { files: new Map(files.map((file) => [file.path, file])), entryPoints: new Map(Object.entries(entryPoints)) };
}

/** The path that a relative specifier means; undefined for a package. */
export function resolveRelative(from: string, specifier: string): string | undefined {
  return specifier.startsWith(".") ? posix.join(posix.dirname(from), specifier) : undefined;
}

/** The files that some files load through imports of the given kinds, themselves included. An entry point of another package ends the walk. */
export function reach(
  tree: SourceTree,
  from: Iterable<string>,
  kinds: readonly SourceImport["kind"][],
): readonly SourceFile[] {
  const found = new Map<string, SourceFile>();
  const pending = [...from];
  for (let path = pending.pop(); path !== undefined; path = pending.pop()) {
    const file = tree.files.get(path);
    if (file === undefined || found.has(path)) continue;
    found.set(path, file);
    for (const { kind, specifier } of file.imports) {
      const next = kinds.includes(kind) ? resolveRelative(path, specifier) : undefined;
      if (next !== undefined) pending.push(next);
    }
  }
  return [...found.values()];
}

/** What consumers get: everything that an entry point loads now or later. Tests, doubles and harnesses are not in it. */
export function publishedFiles(tree: SourceTree): readonly SourceFile[] {
  return reach(tree, tree.entryPoints.values(), ["static", "dynamic"]);
}

function parse(path: string, text: string): SourceFile {
  const { program, module, errors } = parseSync(path, text);
  if (errors.length > 0) throw new Error(`${path}: ${errors[0]?.message}`);
  const imports: SourceImport[] = module.staticImports.map(({ moduleRequest, entries }) => ({
    specifier: moduleRequest.value,
    kind: entries.length > 0 && entries.every(({ isType }) => isType) ? "type" : "static",
  }));
  for (const { entries } of module.staticExports) {
    for (const { moduleRequest, isType } of entries) {
      if (moduleRequest) imports.push({ specifier: moduleRequest.value, kind: isType ? "type" : "static" });
    }
  }
  return { path, text, program, imports: [...imports, ...importExpressions(program)] };
}

/** An `import()` of anything but a literal is reported under a name that no rule allows. */
function importExpressions(program: Program): readonly SourceImport[] {
  const imports: SourceImport[] = [];
  new Visitor({
    ImportExpression({ source }) {
      const literal = source.type === "Literal" && typeof source.value === "string" ? source.value : "(computed)";
      imports.push({ specifier: literal, kind: "dynamic" });
    },
    TSImportType({ source }) {
      imports.push({ specifier: source.value, kind: "type" });
    },
  }).visit(program);
  return imports;
}
