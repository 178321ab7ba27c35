import { parseSync } from "oxc-parser";
import type { Plugin } from "rolldown";

/**
 * Has sources take what they import of Node by `process.getBuiltinModule()`. An `import` of a builtin makes Node read every
 * export of it, and some are getters that load further modules: for `node:http` its WebSocket, which is all of undici (25 ms of
 * CPU, 4 MB), for `node:util` and `node:fs` streams, workers and more.
 */
export function builtinImports(sources: RegExp): Plugin {
  return {
    name: "builtin-imports",
    transform: {
      filter: { id: sources },
      handler: (text) => ({ code: withoutBuiltinImports(text), map: null }),
    },
  };
}

/** Rewrites the imports of builtins in a TypeScript module, each in its own line, so that a source map stays true. */
export function withoutBuiltinImports(text: string): string {
  const { staticImports } = parseSync("module.ts", text).module;
  let rewritten = text;
  for (const { start, end, moduleRequest, entries } of staticImports.toReversed()) {
    if (!moduleRequest.value.startsWith("node:")) continue;
    const values = entries.filter(({ isType }) => !isType);
    const [first] = values;
    if (first === undefined) continue;
    const isWhole = first.importName.kind !== "Name";
    const names = values.map(({ importName, localName }) =>
      importName.name === localName.value ? localName.value : `${importName.name}: ${localName.value}`,
    );
    const pattern = isWhole ? first.localName.value : `{ ${names.join(", ")} }`;
    const lines = text.slice(start, end).split("\n").length - 1;
    const statement = `const ${pattern} = process.getBuiltinModule("${moduleRequest.value}");${"\n".repeat(lines)}`;
    rewritten = rewritten.slice(0, start) + statement + rewritten.slice(end);
  }
  return rewritten;
}
