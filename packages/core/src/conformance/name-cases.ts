import type { Provider } from "../contract/contract.ts";
import { isSecretError } from "../error/secret-error.ts";
import { expectCode, expectThat, within } from "./assertions.ts";
import type { CaseDefinition, CaseFamily } from "./case.ts";
import { parseOptions } from "./conformance-host.ts";
import { anyPayload } from "./fixture.ts";
import type { ConformanceHarness } from "./harness.ts";
import { withSession } from "./session.ts";

/** Hostile variants of the path of an existing secret, none of which may find a secret. */
const hostile: readonly (readonly [id: string, what: string, paths: (path: string) => readonly string[]])[] = [
  ["parent", "a parent step", (path) => [`../${path}`, `x/../${path}`, `${path}/..`, "..", `${path}/../${path}`]],
  ["absolute", "an absolute path", (path) => [`/${path}`, `//${path}`, "/", "/etc/hostname"]],
  ["backslash", "a parent step with backslashes", (path) => [`x\\..\\${path}`, `..\\${path}`]],
  ["empty", "an empty path", () => [""]],
  ["nul", "a NUL", (path) => [`${path}\0`, `${path}\0.txt`, `\0${path}`]],
  ["percent", "a percent sign", (path) => [percentEncoded(path), `..%2f${path}`, `%2e%2e/${path}`, `${path}%00`]],
  [
    "control",
    "a control character",
    (path) => [`${path}\n`, `${path}\r\nx: y`, `\t${path}`, `${path}\x1b[0m`, `${path}\x7f`],
  ],
];

/** Names that every object inherits; a lookup without an own-property check finds them. */
const inherited: readonly string[] = ["__proto__", "constructor", "toString", "hasOwnProperty", "valueOf"];

/** Cases: a path finds one secret in the configured place, or fails. */
export const nameCases: CaseFamily = (subject) => [
  ...hostile.map(([id, what, paths]) => hostileCase(id, what, paths)),
  {
    id: "names.inherited",
    title: "a name that every object inherits is a missing secret and causes no crash",
    async run(trial) {
      await trial.harness.put(trial.path(), anyPayload(trial));
      await withSession(trial, async ({ get }) => {
        for (const path of inherited) {
          const outcome = await get(path).catch((error: unknown) => error);
          const refused = isSecretError(outcome, "INVALID_NAME");
          const missing = !(outcome instanceof Error) && (outcome as { status: string }).status === "not-found";
          expectThat(refused || missing, `the path ${path} must be not-found, or INVALID_NAME where it cannot exist`);
        }
      });
    },
  },
  {
    id: "names.to-path",
    title: "toPath answers the same path for the same name and options, which it leaves alone",
    skip: subject.harness.adapter.toPath === undefined ? "the adapter has no toPath" : undefined,
    async run({ harness }) {
      const [options, untouched] = [await validOptions(harness), await validOptions(harness)];
      for (const name of ["db/primary", "stripe", "a.b/c-d_e"]) {
        const paths = [options, options, untouched].map((each) => harness.adapter.toPath?.(name, each));
        expectThat(paths[0] !== "" && typeof paths[0] === "string", "toPath answered no path");
        expectThat(new Set(paths).size === 1, `toPath answered several paths for ${name}`);
      }
      expectThat(JSON.stringify(options) === JSON.stringify(await validOptions(harness)), "toPath changed its options");
    },
  },
  {
    id: "names.to-path-readable",
    title: "get accepts each path that toPath returns",
    skip: subject.harness.adapter.toPath === undefined ? "the adapter has no toPath" : undefined,
    async run(trial) {
      const path =
        trial.harness.adapter.toPath?.("conformance/no-such-secret", await validOptions(trial.harness)) ?? "";
      await withSession(trial, async ({ get }) => {
        const { status } = await get(path);
        expectThat(status === "not-found", `a path from toPath, where nothing is, was answered ${status}`);
      });
    },
  },
];

function hostileCase(id: string, what: string, hostilePaths: (path: string) => readonly string[]): CaseDefinition {
  return {
    id: `names.${id}`,
    title: `a path with ${what} is INVALID_NAME, and the store is not asked`.replace(
      "with an empty",
      "that is an empty",
    ),
    async run(trial) {
      const path = trial.path();
      await trial.harness.put(path, anyPayload(trial));
      await withSession(trial, async ({ provider, get }) => {
        const reads = trial.harness.reads?.();
        for (const [index, bad] of hostilePaths(path).entries()) {
          await expectCode(get(bad), "INVALID_NAME", `get of ${what}, form ${index + 1}`);
          await subscribesNowhere(provider, bad, `subscribe to ${what}, form ${index + 1}`);
        }
        expectThat(trial.harness.reads?.() === reads, `the store was asked for ${what}`);
      });
    },
  };
}

async function subscribesNowhere(provider: Provider, path: string, what: string): Promise<void> {
  if (provider.subscribe === undefined) return;
  await expectCode(
    provider.subscribe([path], () => undefined, { signal: new AbortController().signal }),
    "INVALID_NAME",
    what,
  );
}

async function validOptions(harness: ConformanceHarness): Promise<unknown> {
  return within(parseOptions(harness.adapter, harness.options()), "the option schema");
}

function percentEncoded(path: string): string {
  return `%${(path.codePointAt(0) ?? 0).toString(16)}${path.slice(1)}`;
}
