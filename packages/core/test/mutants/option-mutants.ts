import type { Adapter } from "../../src/contract/contract.ts";
import type { Mutant } from "./mutant.ts";

type Validate = Awaited<ReturnType<Adapter["options"]>>["~standard"]["validate"];

/** Adapters whose schema, path mapping or declaration is not true. */
export const optionMutants: readonly Mutant[] = [
  {
    name: "lets unknown options pass",
    caughtBy: ["options.unknown", "options.not-a-record"],
    adapter: validating(() => (options) => ({ value: options })),
  },
  {
    name: "does not name an unknown option",
    caughtBy: ["options.unknown"],
    adapter: validating((validate) => async (options) => {
      const result = await validate(options);
      return result.issues ? { issues: [{ message: "some option is unknown" }] } : result;
    }),
  },
  {
    name: "throws for options that are no record",
    caughtBy: ["options.not-a-record"],
    adapter: validating((validate) => (options) => {
      Object.keys(options as object).map((key) => key.length);
      if (Array.isArray(options)) throw new TypeError("not a record");
      return validate(options);
    }),
  },
  {
    name: "refuses its own options",
    caughtBy: ["options.valid"],
    adapter: validating(() => () => ({ issues: [{ message: "prefix is unknown", path: ["prefix"] }] })),
  },
  {
    name: "counts in toPath",
    caughtBy: ["names.to-path"],
    adapter: (adapter) => {
      let calls = 0;
      return { ...adapter, toPath: (name) => `app/${name}-${++calls}` };
    },
  },
  {
    name: "writes its options in toPath",
    caughtBy: ["names.to-path"],
    adapter: (adapter) => ({
      ...adapter,
      toPath(name, options) {
        Object.assign(options as object, { prefix: "change" });
        return `app/${name}`;
      },
    }),
  },
  {
    name: "makes paths that it does not take",
    caughtBy: ["names.to-path-readable"],
    adapter: (adapter) => ({ ...adapter, toPath: (name) => `/app/${name}` }),
  },
  {
    name: "declares no subscription, but has one",
    caughtBy: ["supports.truthful"],
    supports: { subscribe: false },
  },
  { name: "declares no poll interval", caughtBy: ["supports.truthful"], supports: { defaultPollMs: 0 } },
  {
    name: "declares values, but answers fields",
    caughtBy: ["round-trip.kind.fields-2"],
    supports: { payload: "value" },
  },
  {
    name: "lacks a check that it should have",
    caughtBy: ["supports.truthful"],
    provider: ({ check: _check, ...others }) => others,
  },
];

function validating(change: (validate: Validate) => Validate): NonNullable<Mutant["adapter"]> {
  return (adapter) => ({
    ...adapter,
    async options() {
      const { "~standard": standard } = await adapter.options();
      return { "~standard": { ...standard, validate: change(standard.validate) } };
    },
  });
}
