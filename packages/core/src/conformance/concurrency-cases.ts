import type { SecretPayload } from "../contract/contract.ts";
import { expectPayload, expectThat, samePayload } from "./assertions.ts";
import { type CaseFamily, lacks, type Subject } from "./case.ts";
import { anyPayload, contentsOf, fieldsPayload, kindsOf, madeUp, madeUpText } from "./fixture.ts";
import { closeProvider, expectOk, withSession } from "./session.ts";

/** Cases: concurrent calls and shared results do not affect each other. */
export const concurrencyCases: CaseFamily = (subject) => [
  {
    id: "concurrency.many-gets",
    title: "each of 100 concurrent reads of 10 secrets gets its own answer",
    async run(trial) {
      const secrets = Array.from({ length: 10 }, (_, index) => {
        const kinds = kindsOf(trial);
        return { path: trial.path(`${index}`), payload: madeUp(kinds[index % kinds.length] ?? "value") };
      });
      for (const { path, payload } of secrets) await trial.harness.put(path, payload);
      await withSession(trial, async ({ read }) => {
        const reads = Array.from({ length: 100 }, async (_, index) => {
          const { path, payload } = secrets[index % secrets.length] ?? { path: "", payload: anyPayload(trial) };
          expectPayload((await read(path)).payload, payload, `concurrent read ${index}`);
        });
        await Promise.all(reads);
      });
    },
  },
  {
    id: "concurrency.whole-answers",
    title: "reads during updates answer one version whole, old or new, never a mixture",
    skip: neverMixed(subject),
    async run(trial) {
      const path = trial.path();
      const pairs = Array.from({ length: 8 }, () => {
        const text = madeUpText();
        return fieldsPayload([
          ["username", `user-${text}`],
          ["password", `pass-${text}`],
        ]);
      });
      await trial.harness.put(path, pairs[0] ?? anyPayload(trial));
      await withSession(trial, async ({ read }) => {
        const updates = { done: false };
        const writing = (async () => {
          for (const pair of pairs) await trial.harness.put(path, pair);
        })().finally(() => {
          updates.done = true;
        });
        while (!updates.done) {
          const { payload } = await read(path);
          expectThat(
            pairs.some((pair) => samePayload(pair, payload)),
            "a read during updates mixed two versions",
          );
        }
        await writing;
      });
    },
  },
  {
    id: "concurrency.private-bytes",
    title:
      "answered bytes belong to the caller: changing them changes no other answer, and they are not part of a pool",
    async run(trial) {
      for (const kind of kindsOf(trial)) {
        const [path, payload] = [trial.path(kind), madeUp(kind)];
        await trial.harness.put(path, payload);
        await withSession(trial, async ({ get, read }) => {
          const [first, twin] = await Promise.all([get(path), get(path)]);
          spoil(expectOk(first).payload);
          expectPayload(expectOk(twin).payload, payload, "a concurrent answer after another one was changed");
          spoil(expectOk(twin).payload);
          expectPayload((await read(path)).payload, payload, "the next answer after the last one was changed");
        });
      }
    },
  },
  {
    id: "concurrency.providers",
    title: "two providers over one store share no state: one that is spoiled and closed does not touch the other",
    skip: lacks(subject, "close"),
    async run(trial) {
      const [path, payload] = [trial.path(), anyPayload(trial)];
      await trial.harness.put(path, payload);
      await withSession(trial, async ({ provider, read }) => {
        const other = await trial.harness.open();
        expectThat(other !== provider, "opening twice answered the same provider");
        const { signal } = new AbortController();
        const result = await other.get({ path, version: "current" }, { signal });
        spoil(expectOk(result).payload);
        await closeProvider(other);
        expectPayload((await read(path)).payload, payload, "a read beside a closed provider");
      });
    },
  },
];

function neverMixed({ harness, supports }: Subject): string | undefined {
  if (supports.frozen) return "supports.frozen is true";
  if (harness.piecemeal) return "the store changes one field after the other";
  return kindsOf({ harness, supports }).includes("fields") ? undefined : "there are no fields";
}

/** Overwrites all bytes, and all that lies in the same buffer must have been theirs. */
function spoil(payload: SecretPayload): void {
  for (const bytes of contentsOf(payload)) {
    expectThat(bytes.buffer.byteLength === bytes.byteLength, "the answered bytes are a view over a larger buffer");
    bytes.fill(0);
  }
}
