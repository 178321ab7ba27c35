import { execFileSync } from "node:child_process";

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

const program = `
  import { registerHooks } from "node:module";
  const files = [];
  registerHooks({ load(url, context, next) { if (url.startsWith("file:")) files.push(url); return next(url, context); } });
  const before = new Set(process.moduleLoadList);
  await import(process.argv[1]);
  const builtins = process.moduleLoadList.filter((name) => !before.has(name));
  process.stdout.write(JSON.stringify({ builtins, files }));`;

/** Imports one specifier or URL in a process of its own, started in a folder. */
export function modulesLoadedBy(specifier: string, folder: string, conditions: readonly string[] = []): LoadedModules {
  const options = conditions.map((condition) => `--conditions=${condition}`);
  const { NODE_OPTIONS: _options, ...env } = process.env;
  const output = execFileSync(
    process.execPath,
    [...options, "--input-type=module", "--eval", program, "--", specifier],
    { cwd: folder, env, encoding: "utf8", timeout: 60_000 },
  );
  return JSON.parse(output) as LoadedModules;
}

/** The ones among them that cost more than a first read should. */
export function heavyOnes({ builtins, files }: LoadedModules): readonly string[] {
  return [...builtins, ...files].filter((name) => heavyModules.test(name));
}
