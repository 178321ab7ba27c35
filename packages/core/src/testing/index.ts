export type { LeakCheck } from "./leak-check.ts";
export { assertNoLeak, leakCheck } from "./leak-check.ts";
export type { ManualClock } from "./manual-clock.ts";
export { manualClock } from "./manual-clock.ts";
export type { MockControls, MockOptions } from "./mock-secrets.ts";
export { mockSecrets } from "./mock-secrets.ts";
export type { MockValue } from "./mock-store.ts";
