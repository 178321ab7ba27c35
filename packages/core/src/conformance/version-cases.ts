import type { SecretPayload } from "../contract/contract.ts";
import { expectCode, expectPayload, expectThat } from "./assertions.ts";
import { type CaseFamily, needs } from "./case.ts";
import { anyPayload, fieldsPayload, kindsOf, madeUp } from "./fixture.ts";
import { withSession } from "./session.ts";

/** Pairs of payloads that a careless digest or concatenation treats as equal. */
const lookalikes: readonly (readonly [Readonly<Record<string, string>>, Readonly<Record<string, string>>])[] = [
  [
    { user: "ab", password: "c" },
    { user: "a", password: "bc" },
  ],
  [
    { user: "one", password: "two" },
    { user: "two", password: "one" },
  ],
  [{ user: "one" }, { user: "one", extra: "two" }],
  [{ user: "one", extra: "two" }, { user: "one" }],
];

/** Cases: the version changes if and only if the content changes. */
export const versionCases: CaseFamily = (subject) => [
  {
    id: "versions.stable",
    title: "reading again without a change answers the same version",
    async run(trial) {
      for (const kind of kindsOf(trial)) {
        const path = trial.path(kind);
        await trial.harness.put(path, madeUp(kind));
        await withSession(trial, async ({ read }) => {
          const versions = [await read(path), await read(path), await read(path)].map(({ version }) => version);
          expectThat(new Set(versions).size === 1, `the version of an unchanged ${kind} payload differs between reads`);
        });
      }
    },
  },
  {
    id: "versions.update",
    title: "each of several quick updates of equal length is read at once, under a version of its own",
    async run(trial) {
      for (const kind of kindsOf(trial)) {
        const path = trial.path(kind);
        await trial.harness.put(path, madeUp(kind));
        await withSession(trial, async (session) => {
          let before = await session.read(path);
          for (let round = 1; round <= 5; round++) {
            const payload = madeUp(kind);
            await session.put(path, payload);
            const after = await session.read(path);
            expectPayload(after.payload, payload, `the read after update ${round}`);
            expectThat(after.version !== before.version, `update ${round} of a ${kind} payload kept the version`);
            before = after;
          }
        });
      }
    },
  },
  {
    id: "versions.fields",
    title: "adding or removing a field, or exchanging the content of two fields, changes the version",
    skip: kindsOf(subject).includes("fields") ? undefined : "there are no fields",
    async run(trial) {
      for (const [index, pair] of lookalikes.entries()) {
        const [first, second] = pair.map((record) => fieldsPayload(Object.entries(record))) as [
          SecretPayload,
          SecretPayload,
        ];
        const path = trial.path(`${index}`);
        await trial.harness.put(path, first);
        await withSession(trial, async (session) => {
          const before = await session.read(path);
          await session.put(path, second);
          const after = await session.read(path);
          expectPayload(after.payload, second, `the read after change ${index}`);
          expectThat(after.version !== before.version, `change ${index} of the fields kept the version`);
        });
      }
    },
  },
  {
    id: "versions.not-modified",
    title: "a read on condition is not-modified while the version is current, and a full answer otherwise",
    skip: subject.supports.conditional ? undefined : "supports.conditional is false",
    async run(trial) {
      const path = trial.path();
      await trial.harness.put(path, anyPayload(trial));
      await withSession(trial, async (session) => {
        const { version } = await session.read(path);
        const same = await session.get(path, { ifVersion: version });
        expectThat(same.status === "not-modified", `a read on the current version was answered ${same.status}`);
        expectThat(same.version === version, "not-modified came with another version");
        const payload = anyPayload(trial);
        await session.put(path, payload);
        const changed = await session.read(path, { ifVersion: version });
        expectPayload(changed.payload, payload, "a read on an old version");
        await session.read(path, { ifVersion: "no-such-version" });
      });
    },
  },
  {
    id: "versions.previous",
    title: "the previous version and a version by its id are readable",
    skip: subject.supports.versions ? undefined : "supports.versions is false",
    async run(trial) {
      const [path, first, second] = [trial.path(), anyPayload(trial), anyPayload(trial)];
      await trial.harness.put(path, first);
      await withSession(trial, async (session) => {
        const { version } = await session.read(path);
        const none = await session.get(path, { version: "previous" });
        expectThat(none.status === "not-found", `with one version only, previous was answered ${none.status}`);
        await session.put(path, second);
        const previous = await session.read(path, { version: "previous" });
        expectPayload(previous.payload, first, "previous");
        expectThat(previous.version === version, "previous came under another version than it had as current");
        expectPayload((await session.read(path, { version: { id: version } })).payload, first, "a version by its id");
        expectPayload((await session.read(path)).payload, second, "current beside previous");
      });
    },
  },
  {
    id: "versions.unsupported",
    title: "a store without versions says UNSUPPORTED for previous and for an id, and never answers current instead",
    skip: subject.supports.versions ? "supports.versions is true" : undefined,
    async run(trial) {
      const path = trial.path();
      await trial.harness.put(path, anyPayload(trial));
      await withSession(trial, async ({ get, read }) => {
        const { version } = await read(path);
        await expectCode(get(path, { version: "previous" }), "UNSUPPORTED", "get of the previous version");
        await expectCode(get(path, { version: { id: version } }), "UNSUPPORTED", "get of a version by its id");
      });
    },
  },
  {
    id: "versions.delete-recreate",
    title: "a deleted secret is not-found, and readable when it is back, with other content or the same",
    skip: needs(subject, "remove"),
    async run(trial) {
      const [path, first] = [trial.path(), anyPayload(trial)];
      await trial.harness.put(path, first);
      await withSession(trial, async (session) => {
        await session.read(path);
        for (const payload of [anyPayload(trial), first, first]) {
          await session.remove(path);
          const gone = await session.get(path);
          expectThat(gone.status === "not-found", `a deleted secret was answered ${gone.status}`);
          await session.put(path, payload);
          expectPayload((await session.read(path)).payload, payload, "a recreated secret");
        }
      });
    },
  },
];
