import { stripTypeScriptTypes } from "node:module";

// What Node does by itself, for jest, which loads modules on its own.
export default { process: (source) => ({ code: stripTypeScriptTypes(source) }) };
