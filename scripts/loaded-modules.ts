import { execFile, execFileSync } from "node:child_process";
import { promisify } from "node:util";

/** What a module brings into a fresh process, later `import()`s apart. */
export interface LoadedModules {
  /** Parts of Node that were not there before, as Node's own load list names them: `NativeModule internal/crypto/hash`. */
  readonly builtins: readonly string[];
  /** URLs of the files. */
  readonly files: readonly string[];
}

/** Node modules and packages that reading a cached secret has no use for, as they appear in a load list or a URL. */
const heavyModules: RegExp =
  /^NativeModule (internal\/)?(crypto|http|https|http2|tls|_http_\w+|_tls_\w+|deps\/undici)(\/|$)|\/node_modules\/(zod|yaml|axios|undici)\//;

/** Runs before the program. It imports nothing, which would load more than is looked at. */
const observer = `
  const { registerHooks } = process.getBuiltinModule("node:module");
  const { writeSync } = process.getBuiltinModule("node:fs");
  const files = [];
  registerHooks({ load(url, context, next) { if (url.startsWith("file:")) files.push(url); return next(url, context); } });
  const before = new Set(process.moduleLoadList);
  process.on("exit", () => {
    const builtins = process.moduleLoadList.filter((name) => !before.has(name));
    writeSync(1, "\\n" + JSON.stringify({ builtins, files }));
  });`;

/** Imports specifiers or URLs, one after the other, in a process of their own that starts in a folder. */
export function modulesLoadedBy(
  specifiers: readonly string[],
  folder: string,
  conditions: readonly string[] = [],
): LoadedModules {
  const program = specifiers.map((specifier) => `await import(${JSON.stringify(specifier)});`).join("\n");
  return parsed(execFileSync(process.execPath, optionsFor(program, conditions), processIn(folder)));
}

/** Runs a module in a process of its own, beside this one, which may serve it meanwhile. */
export async function modulesLoadedByProgram(program: string, folder: string): Promise<LoadedModules> {
  const { stdout } = await promisify(execFile)(process.execPath, optionsFor(program, []), processIn(folder));
  return parsed(stdout);
}

function optionsFor(program: string, conditions: readonly string[]): readonly string[] {
  const preload = `data:text/javascript,${encodeURIComponent(observer)}`;
  const flags = conditions.map((condition) => `--conditions=${condition}`);
  return [...flags, `--import=${preload}`, "--input-type=module", "--eval", program];
}

function processIn(folder: string): { cwd: string; env: NodeJS.ProcessEnv; encoding: "utf8"; timeout: number } {
  const { NODE_OPTIONS: _options, ...env } = process.env;
  return { cwd: folder, env, encoding: "utf8", timeout: 60_000 };
}

function parsed(output: string): LoadedModules {
  return JSON.parse(output.split("\n").at(-1) ?? "") as LoadedModules;
}

/** The ones among them that cost more than a first read should. */
export function heavyOnes({ builtins, files }: LoadedModules): readonly string[] {
  return [...builtins, ...files].filter((name) => heavyModules.test(name));
}
