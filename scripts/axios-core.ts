import { dirname } from "node:path";
import type { Plugin } from "rolldown";

/** What the core of axios imports for adapters, forms and browsers, which shared/http has no use for. */
const unused =
  /\/axios\/lib\/(adapters\/(http|xhr|fetch)|platform\/\w+\/classes\/\w+|helpers\/(toFormData|formDataToJSON|toURLEncodedForm))\.js$/;

/**
 * Asks for globals of a browser. Node has some of them too, and loads what is behind them for the question: its fetch, which
 * is 20 ms of CPU, for FormData.
 */
const questions = /typeof (?:window|document|navigator|performance|Blob|(?:G\.)?FormData)\b/g;

const entry = "\0axios-core:";

/**
 * Has `import { Axios } from "axios"` bundle the class behind that name with its request core: the merging of configs and
 * headers, and interceptors. The adapter is the caller's.
 */
export const axiosCore: Plugin = {
  name: "axios-core",
  resolveId: {
    filter: { id: [/^axios$/, /^\.\/node\/index\.js$/] },
    async handler(source, importer) {
      if (source === "axios") {
        const manifest = await this.resolve("axios/package.json", importer);
        return manifest === null ? null : entry + dirname(manifest.id);
      }
      return importer?.endsWith("/axios/lib/platform/index.js") ? this.resolve("./browser/index.js", importer) : null;
    },
  },
  load: {
    filter: { id: [new RegExp(`^${entry}`), unused] },
    handler: (id) =>
      id.startsWith(entry)
        ? `export { default as Axios } from ${JSON.stringify(`${id.slice(entry.length)}/lib/core/Axios.js`)};`
        : "export default null; export const getFetch = undefined;",
  },
  transform: {
    filter: { id: /\/axios\/lib\/.+\.js$/ },
    handler: (code) => ({ code: code.replaceAll(questions, '"undefined"'), map: null }),
  },
};
