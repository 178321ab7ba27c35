import type { Supports } from "../contract/contract.ts";
import { abortCases } from "./abort-cases.ts";
import { toFailure } from "./assertions.ts";
import { batchCases } from "./batch-cases.ts";
import type { CaseDefinition, CaseFamily, ConformanceCase, Subject } from "./case.ts";
import { concurrencyCases } from "./concurrency-cases.ts";
import { errorCases } from "./error-cases.ts";
import type { ConformanceHarness } from "./harness.ts";
import { hintCases } from "./hint-cases.ts";
import { leakCases } from "./leak-cases.ts";
import { leaseCases } from "./lease-cases.ts";
import { lifecycleCases } from "./lifecycle-cases.ts";
import { nameCases } from "./name-cases.ts";
import { optionCases } from "./option-cases.ts";
import { roundTripCases } from "./round-trip-cases.ts";
import { versionCases } from "./version-cases.ts";

/** The cases of all themes, in the order in which an author usually implements them. */
const families: readonly CaseFamily[] = [
  optionCases,
  roundTripCases,
  errorCases,
  abortCases,
  versionCases,
  hintCases,
  leaseCases,
  batchCases,
  concurrencyCases,
  nameCases,
  leakCases,
  lifecycleCases,
];

/**
 * Returns the rules of the adapter contract as cases for any test runner: run those without `skip`, one after another.
 * @param harness puts the adapter and a store under test; the caller closes it after the last case
 * @param supports the declared abilities of the adapter's providers; a case verifies them
 */
export function providerConformance(harness: ConformanceHarness, supports: Supports): ConformanceCase[] {
  const subject: Subject = { harness, supports };
  return families.flatMap((family) => family(subject)).map((definition) => bind(subject, definition));
}

function bind(subject: Subject, { id, title, skip, run }: CaseDefinition): ConformanceCase {
  let runs = 0;
  const { harness } = subject;
  const start = async (): Promise<void> => {
    const label = [...id.split("."), ++runs].join("-");
    const path = (suffix?: string): string => harness.path(suffix === undefined ? label : `${label}-${suffix}`);
    await run({ ...subject, label, path }).catch((error: unknown) => {
      throw toFailure(error);
    });
  };
  return skip === undefined ? { id, title, run: start } : { id, title, skip, run: start };
}
