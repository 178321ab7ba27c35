import type { Finding } from "../contract/contract.ts";
import type { SecretError } from "../error/secret-error.ts";

/** The input of the findings of one provider. */
export interface Inspection {
  readonly provider: string;
  /** Whether the application starts without it. */
  readonly optional: boolean;
  readonly found: readonly Finding[];
  /** The errors of its calls. */
  readonly failures: readonly SecretError[];
  /** code -> tip of each warning of the adapter */
  readonly warnings: Iterable<readonly [string, { readonly tip: string }]>;
}

/** Returns the findings of a provider without duplicates. The failure of an optional provider is only a warning. */
export function providerFindings({ provider, optional, found, failures, warnings }: Inspection): readonly Finding[] {
  const level = optional ? "warning" : "error";
  const reasons = new Set(failures.map(({ reason }) => reason));
  const ofAdapter = found.map((finding) => (reasons.has(finding.code) ? { ...finding, level } : finding) as Finding);
  const known = new Set(found.map(({ code }) => code));
  const unanswered = failures
    .filter(({ reason }) => reason === undefined || !known.has(reason))
    .map(({ code, message, tip }): Finding => {
      return { level, code: code.toLowerCase().replaceAll("_", "-"), message, tip, provider };
    });
  const warned = [...warnings].map(([code, { tip }]): Finding => ({ level: "warning", code, message: tip, provider }));
  const others = [...unanswered, ...warned].filter(({ code }) => !known.has(code));
  return [...ofAdapter, ...new Map(others.map((finding) => [finding.code, finding])).values()];
}
