export type { ConformanceCase } from "./case.ts";
export type { ConformanceHost } from "./conformance-host.ts";
export { conformanceHost, openAdapter, parseOptions } from "./conformance-host.ts";
export { conformanceReport } from "./conformance-report.ts";
export type { ConformanceHarness, OpenOptions, Undo } from "./harness.ts";
export { providerConformance } from "./provider-conformance.ts";
