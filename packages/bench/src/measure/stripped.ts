import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const sources = fileURLToPath(new URL("..", import.meta.url));
/** Within this package, so that its scripts resolve the peers. */
const folder = fileURLToPath(new URL("../../.cache/stripped", import.meta.url));

/**
 * Writes a script of this package, and what it imports of it, as JavaScript: what takes the types away at run time stays in
 * a process's memory, and costs more than most of what is measured.
 * @returns its path
 */
export function strippedScript(script: string, done: Set<string> = new Set()): string {
  const target = join(folder, relative(sources, script).replace(/\.ts$/, ".mjs"));
  if (done.has(script)) return target;
  done.add(script);
  const code = stripTypeScriptTypes(readFileSync(script, "utf8"));
  const text = code.replaceAll(/(?<=from ")(\.[^"]+)\.ts(?=")/g, (_, path: string) => {
    strippedScript(join(dirname(script), `${path}.ts`), done);
    return `${path}.mjs`;
  });
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, text);
  return target;
}
