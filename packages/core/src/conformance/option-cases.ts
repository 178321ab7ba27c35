import { isDeepStrictEqual } from "node:util";
import { expectThat, within } from "./assertions.ts";
import { type CaseFamily, lacks, type Subject } from "./case.ts";
import { withSession } from "./session.ts";

/** The name of an option that no adapter has. */
const unknownOption = "conformanceUnknownOption";

/** Cases: the option schema and the `supports` record match the behaviour. */
export const optionCases: CaseFamily = () => [
  {
    id: "options.valid",
    title: "the options of a working configuration pass the schema",
    async run({ harness }) {
      const result = await validate(harness, harness.options());
      expectThat(result.issues === undefined, "the schema refuses the harness's own options");
    },
  },
  {
    id: "options.unknown",
    title: "an option that does not exist is refused by its name",
    async run({ harness }) {
      const result = await validate(harness, { ...harness.options(), [unknownOption]: true });
      expectThat(result.issues !== undefined, "the schema lets an unknown option pass");
      const told = result.issues.some((issue) => JSON.stringify(issue).includes(unknownOption));
      expectThat(told, "the schema refuses an unknown option without mentioning its name");
    },
  },
  {
    id: "options.not-a-record",
    title: "a value that is not an options object is refused with an issue, not an exception",
    async run({ harness }) {
      for (const options of [null, "text", 42, [], () => undefined]) {
        const result = await validate(harness, options);
        expectThat(result.issues !== undefined, `the schema lets ${options === null ? "null" : typeof options} pass`);
      }
    },
  },
  {
    id: "supports.truthful",
    title: "supports equals the adapter's declaration, and the optional methods match it",
    async run(trial) {
      await withSession(trial, async ({ provider }) => {
        const { supports } = provider;
        expectThat(isDeepStrictEqual(supports, trial.supports), "supports differs from the declared one");
        const pushes = supports.subscribe !== false;
        expectThat(
          pushes === (provider.subscribe !== undefined),
          "supports.subscribe and subscribe contradict each other",
        );
        const poll = supports.defaultPollMs;
        expectThat(
          Number.isFinite(poll) && poll > 0,
          "supports.defaultPollMs is not a positive number of milliseconds",
        );
        for (const method of ["check", "close"] as const) {
          const declared = lacks(trial, method) === undefined;
          expectThat(
            declared === (provider[method] !== undefined),
            `the harness's lacks and ${method} contradict each other`,
          );
        }
      });
    },
  },
];

async function validate(
  harness: Subject["harness"],
  options: unknown,
): Promise<Awaited<ReturnType<Awaited<ReturnType<typeof harness.adapter.options>>["~standard"]["validate"]>>> {
  const schema = await within(harness.adapter.options(), "options()");
  return schema["~standard"].validate(options);
}
