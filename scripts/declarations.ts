import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { parseSync } from "oxc-parser";

/**
 * Copies the declarations that the entry points reach, and no other: tests and their doubles are compiled too, but no consumer
 * has a use for them. Relative `.ts` specifiers become `.js`, because the compiler leaves them as they are in
 * declarations, where a consumer's compiler of another version or setting may refuse them.
 * @param isBundled whether a consumer lacks this package, since the scripts hold what they use of it
 * @returns the number of files written
 */
export function copyDeclarations(
  from: string,
  to: string,
  entryPoints: readonly string[],
  isBundled: (specifier: string) => boolean,
): number {
  const pending = [...entryPoints];
  const seen = new Set<string>();
  for (let file = pending.pop(); file !== undefined; file = pending.pop()) {
    if (seen.has(file)) continue;
    seen.add(file);
    pending.push(...copyDeclaration(from, to, file, isBundled));
  }
  return seen.size;
}

/** Copies one file and tells which ones it refers to, as paths from the same root. */
function copyDeclaration(
  from: string,
  to: string,
  file: string,
  isBundled: (specifier: string) => boolean,
): readonly string[] {
  const target = join(to, file);
  if (!existsSync(join(from, file))) throw new Error(`no declaration ${file} in ${from}`);
  mkdirSync(dirname(target), { recursive: true });
  copyFileSync(join(from, file), target);
  const { text, specifiers } = withScriptExtensions(withoutBundled(readFileSync(target, "utf8"), isBundled));
  writeFileSync(target, text);
  const root = resolve("/");
  return specifiers.map((specifier) =>
    resolve(root, dirname(file), specifier.replace(/\.ts$/, ".d.ts")).slice(root.length),
  );
}

/** Rewrites every relative `.ts` specifier, also inside `import("./x.ts")` types, and lists the ones that it found. */
export function withScriptExtensions(text: string): { text: string; specifiers: readonly string[] } {
  const found = relativeSpecifiers(text);
  let rewritten = text;
  for (const { value, start, end } of found.toReversed()) {
    rewritten = `${rewritten.slice(0, start)}${JSON.stringify(value.replace(/\.ts$/, ".js"))}${rewritten.slice(end)}`;
  }
  return { text: rewritten, specifiers: found.map(({ value }) => value) };
}

/**
 * Leaves out each declaration whose type comes from a bundled package, such as the schema beside the type of some options:
 * no consumer can import it, and the declarations of that package are not installed.
 */
export function withoutBundled(text: string, isBundled: (specifier: string) => boolean): string {
  const { body } = parseSync("file.d.ts", text).program;
  const names = new Set<string>();
  const leftOut = new Set<Statement>();
  const leaveOut = (statement: Statement): void => {
    leftOut.add(statement);
    for (const name of declaredBy(statement)) names.add(name);
  };
  const imports = body.filter((statement) => statement.type === "ImportDeclaration");
  for (const statement of imports) if (isBundled(statement.source.value)) leaveOut(statement);
  if (leftOut.size === 0) return text;
  // What refers to something that is left out goes with it, however far away.
  for (let before = -1; before < leftOut.size; ) {
    before = leftOut.size;
    for (const statement of body) if (!leftOut.has(statement) && refersTo(statement, names)) leaveOut(statement);
  }
  const kept = body.filter((statement) => !leftOut.has(statement) && statement.type !== "ImportDeclaration");
  // What stands between two statements is the comment of the second.
  return body
    .map((statement, index) => {
      if (leftOut.has(statement)) return "";
      const before = text.slice(body[index - 1]?.end ?? 0, statement.start);
      if (statement.type === "ImportDeclaration") return before + withUsed(statement, kept, text);
      return before + text.slice(statement.start, statement.end);
    })
    .concat("\n")
    .join("");
}

/** An import without the names that no statement refers to any more, since what they name may be left out of their file too. */
function withUsed(statement: Import, kept: readonly Statement[], text: string): string {
  const used = statement.specifiers.filter(({ local }) => kept.some((one) => refersTo(one, new Set([local.name]))));
  if (used.length === statement.specifiers.length) return text.slice(statement.start, statement.end);
  if (used.length === 0) return "";
  const kind = statement.importKind === "type" ? "type " : "";
  const names = used.map(({ start, end }) => text.slice(start, end)).join(", ");
  return `import ${kind}{ ${names} } from ${text.slice(statement.source.start, statement.source.end)};`;
}

type Import = Extract<Statement, { readonly type: "ImportDeclaration" }>;
type Statement = ReturnType<typeof parseSync>["program"]["body"][number];

/** The names that a statement gives to what it imports or declares. */
function declaredBy(statement: Statement): readonly string[] {
  if (statement.type === "ImportDeclaration") return statement.specifiers.map(({ local }) => local.name);
  const declaration = statement.type === "ExportNamedDeclaration" ? statement.declaration : statement;
  if (declaration?.type === "VariableDeclaration") {
    return declaration.declarations.flatMap(({ id }) => (id.type === "Identifier" ? [id.name] : []));
  }
  const { id } = (declaration ?? {}) as { id?: { name?: string } | null };
  return id?.name === undefined ? [] : [id.name];
}

/** Whether a statement uses one of these names as a type, or as the namespace of one. */
function refersTo(node: unknown, names: ReadonlySet<string>): boolean {
  if (typeof node !== "object" || node === null) return false;
  const { typeName, exprName, expression, left, object } = node as Record<string, { name?: string } | null | undefined>;
  if ([typeName, exprName, expression, left, object].some((used) => names.has(used?.name ?? ""))) return true;
  return Object.values(node).some((child) => refersTo(child, names));
}

interface Literal {
  readonly value: string;
  readonly start: number;
  readonly end: number;
}

/** In the order of the text. */
function relativeSpecifiers(text: string): readonly Literal[] {
  const { program } = parseSync("file.d.ts", text);
  const found: Literal[] = [];
  const visit = (node: unknown): void => {
    if (typeof node !== "object" || node === null) return;
    const { source, type } = node as { source?: Literal | null; type?: string };
    if (type !== "Literal" && typeof source?.value === "string" && /^\.\.?\/.*\.ts$/.test(source.value))
      found.push(source);
    for (const child of Object.values(node)) visit(child);
  };
  visit(program.body);
  return found.toSorted((left, right) => left.start - right.start);
}
