/** The config reader, which only an `import()` loads, together with a config document. */

export { readCredential } from "./credential.ts";
export { loadConfig } from "./load-config.ts";
export { readKeys, readOptions } from "./read-options.ts";
