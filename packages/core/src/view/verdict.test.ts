import { expect, test } from "vitest";
import { manualClock } from "../testing/manual-clock.ts";
import { type Judged, verdictOf } from "./verdict.ts";

test("a load that checks repeatedly for a value creates no error each time", () => {
  let named = 0;
  const view: Judged<string> = {
    get name() {
      named += 1;
      return "db";
    },
    policy: { declared: true, optional: false, onDelete: "keep" },
    context: { scheduler: { clock: manualClock() }, maxStaleMs: 1_000, onDenied: "keep" },
    closedBy: undefined,
    droppedBy: undefined,
    deniedBy: undefined,
    current: undefined,
    notFoundBy: undefined,
    lastError: undefined,
    ageMs: 0,
    mustAsk: true,
  };
  const verdict = verdictOf(view);
  expect("serve" in verdict).toBe(false);
  expect(named).toBe(0);
  expect("error" in verdict && verdict.error).toMatchObject({ code: "NOT_READY", reference: "db" });
});
