/** What loads with a config document, and not before: reached by `import()` alone. */

export { readCredential } from "./credential.ts";
export { loadConfig } from "./load-config.ts";
export { readKeys, readOptions } from "./read-options.ts";
