export type { Mask } from "./mask-policy.ts";
export type {
  Redactor,
  RedactorOptions,
  RedactorStats,
  RedactorWarning,
  RegisterOptions,
  StreamOptions,
} from "./redactor.ts";
export { createRedactor, defaultRedactor } from "./redactor.ts";
