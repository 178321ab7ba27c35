import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { parseSync } from "oxc-parser";

/**
 * Copies the declarations that the doors reach, and no other: tests and their doubles are compiled too, but no consumer
 * has a use for them. Relative `.ts` specifiers become `.js`, because the compiler leaves them as they are in
 * declarations, where a consumer's compiler of another version or setting may refuse them.
 * @returns the number of files written
 */
export function copyDeclarations(from: string, to: string, doors: readonly string[]): number {
  const pending = [...doors];
  const seen = new Set<string>();
  for (let file = pending.pop(); file !== undefined; file = pending.pop()) {
    if (seen.has(file)) continue;
    seen.add(file);
    pending.push(...copyDeclaration(from, to, file));
  }
  return seen.size;
}

/** Copies one file and tells which ones it refers to, as paths from the same root. */
function copyDeclaration(from: string, to: string, file: string): readonly string[] {
  const target = join(to, file);
  if (!existsSync(join(from, file))) throw new Error(`no declaration ${file} in ${from}`);
  mkdirSync(dirname(target), { recursive: true });
  copyFileSync(join(from, file), target);
  const { text, specifiers } = withScriptExtensions(readFileSync(target, "utf8"));
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
