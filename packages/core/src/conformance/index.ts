export type { ConformanceHost } from "./conformance-host.ts";
export { conformanceHost, openAdapter, parseOptions } from "./conformance-host.ts";
export type { ConformanceHarness, OpenOptions, Undo } from "./harness.ts";
