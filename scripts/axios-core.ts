import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Plugin } from "esbuild";

/** What the core of axios imports for adapters, forms and browsers, which shared/http has no use for. */
const unused =
  /\/axios\/lib\/(adapters\/(http|xhr|fetch)|platform\/\w+\/classes\/\w+|helpers\/(toFormData|formDataToJSON|toURLEncodedForm))\.js$/;

/**
 * Asks for globals of a browser. Node has some of them too, and loads what is behind them for the question: its fetch, which
 * is 20 ms of CPU, for FormData.
 */
const questions = /typeof (?:window|document|navigator|performance|Blob|(?:G\.)?FormData)\b/g;

/**
 * Has `import { Axios } from "axios"` bundle the class behind that name with its request core: the merging of configs and
 * headers, and interceptors. The adapter is the caller's.
 */
export const axiosCore: Plugin = {
  name: "axios-core",
  setup({ onResolve, onLoad, resolve }) {
    onResolve({ filter: /^axios$/ }, async ({ resolveDir }) => {
      const { path, errors } = await resolve("axios/package.json", { resolveDir, kind: "import-statement" });
      return errors.length > 0 ? { errors } : { path: "axios", namespace: "axios-core", pluginData: dirname(path) };
    });
    onLoad({ filter: /.*/, namespace: "axios-core" }, ({ pluginData: folder }) => ({
      contents: 'export { default as Axios } from "./lib/core/Axios.js";',
      resolveDir: folder as string,
    }));
    onLoad({ filter: unused }, () => ({ contents: "export default null; export const getFetch = undefined;" }));
    onLoad({ filter: /\/axios\/lib\/.+\.js$/ }, ({ path }) => ({
      contents: readFileSync(path, "utf8").replaceAll(questions, '"undefined"'),
    }));
    onResolve({ filter: /^\.\/node\/index\.js$/ }, ({ importer, resolveDir }) =>
      importer.endsWith("/axios/lib/platform/index.js") ? { path: join(resolveDir, "browser/index.js") } : undefined,
    );
  },
};
