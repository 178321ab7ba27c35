import type { Health } from "@tacit/core";
import { checkArgument, checkOptions, optionRules } from "@tacit/core/provider";
import { answerJson, type Handler } from "./json-answer.ts";
import { type HealthSource, statusCodeOf } from "./readiness.ts";

/** The options of a health report. */
export interface HealthReportOptions {
  /** Whether it lists secrets and providers by name, with ages, versions and codes, for readers who may see that. Default: no. */
  readonly names?: boolean;
}

/**
 * Creates the handler of a page for operators and dashboards, with the status codes of `readiness`. By default it shows the
 * number of secrets and providers in each state; with `names`, all of `health()`. It never shows a value.
 */
export function healthReport(secrets: HealthSource, options: HealthReportOptions = {}): Handler {
  checkArgument("healthReport", "secrets", secrets, optionRules.methods("health"));
  checkOptions("healthReport", options, { names: optionRules.flag });
  return answerJson(() => {
    const health = secrets.health();
    return { status: statusCodeOf(health.status), body: options.names === true ? health : countsOf(health) };
  });
}

function countsOf({ status, secrets, providers }: Health): object {
  return { status, secrets: countByState(secrets), providers: countByState(providers) };
}

function countByState(list: readonly { readonly state: string }[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { state } of list) counts[state] = (counts[state] ?? 0) + 1;
  return counts;
}
