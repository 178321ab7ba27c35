export type { Mask } from "./mask-policy.ts";
export type { Redactor, RedactorOptions, RedactorStats, RedactorWarning, RegisterOptions } from "./redactor.ts";
export { createRedactor, defaultRedactor } from "./redactor.ts";
