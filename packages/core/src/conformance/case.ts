import type { Supports } from "../contract/contract.ts";
import type { ConformanceHarness } from "./harness.ts";

/** One rule of the adapter contract, as a test case for any runner. */
export interface ConformanceCase {
  /** Stable: `theme.what`. */
  readonly id: string;
  /** A sentence about behaviour. */
  readonly title: string;
  /** Why the case does not apply to this adapter; absent if it applies. */
  readonly skip?: string;
  /** Rejects with a message that states the fault and contains no value; bounded in time. */
  run(): Promise<void>;
}

/** The adapter under test. */
export interface Subject {
  readonly harness: ConformanceHarness;
  readonly supports: Supports;
}

/** One run of one case. */
export interface Trial extends Subject {
  /** Of this run alone. */
  readonly label: string;
  /** A path of this run alone, where nothing is yet. */
  path(suffix?: string): string;
}

/** A case before it is bound to a run. */
export interface CaseDefinition {
  readonly id: string;
  readonly title: string;
  readonly skip?: string | undefined;
  run(trial: Trial): Promise<unknown>;
}

/** The cases of one theme; a family may look at the subject to tell which of them apply. */
export type CaseFamily = (subject: Subject) => readonly CaseDefinition[];

/** Returns the reason to skip a case that needs these harness methods, if one of them is absent. */
export function needs(subject: Subject, ...methods: readonly (keyof ConformanceHarness)[]): string | undefined {
  const absent = methods.find((method) => subject.harness[method] === undefined);
  return absent === undefined ? undefined : `the harness has no ${absent}`;
}

/** Returns the reason to skip a case about an optional method that the adapter omits on purpose. */
export function lacks(subject: Subject, method: "check" | "close"): string | undefined {
  return subject.harness.lacks?.includes(method) ? `the provider has no ${method}` : undefined;
}
