import { isSecretError } from "../error/secret-error.ts";
import { expectCode, expectPayload, expectThat, settles, within } from "./assertions.ts";
import { type CaseFamily, lacks, needs, type Trial } from "./case.ts";
import { anyPayload } from "./fixture.ts";
import { subscribe } from "./follower.ts";
import { openHandles, surplus } from "./open-handles.ts";
import { closeProvider, during, expectOk, readOnce, withSession } from "./session.ts";

/** Cases: a provider opens, reads, and closes without leaving open handles. */
export const lifecycleCases: CaseFamily = (subject) => [
  {
    id: "lifecycle.check-well",
    title: "check passes while the store is well, and reveals nothing",
    skip: lacks(subject, "check"),
    async run(trial) {
      await trial.harness.put(trial.path(), anyPayload(trial));
      await withSession(trial, async ({ provider }) => {
        const answer: unknown = await check(provider);
        expectThat(answer === undefined, "check answered something; it must answer nothing");
      });
    },
  },
  {
    id: "lifecycle.check-severed",
    title: "check is UNAVAILABLE while the store cannot be reached, and passes afterwards",
    skip: lacks(subject, "check") ?? needs(subject, "sever"),
    async run(trial) {
      await withSession(trial, async ({ provider }) => {
        await check(provider);
        await during(trial.harness.sever?.() ?? Promise.reject(new Error("no sever")), async () => {
          await expectCode(check(provider), "UNAVAILABLE", "check while severed");
        });
        await check(provider);
      });
    },
  },
  {
    id: "lifecycle.close-twice",
    title: "closing again, or twice at once, is harmless",
    skip: lacks(subject, "close"),
    async run(trial) {
      const provider = await trial.harness.open();
      await Promise.all([closeProvider(provider), closeProvider(provider)]);
      await closeProvider(provider);
    },
  },
  {
    id: "lifecycle.call-after-close",
    title: "every call after close is CLOSED",
    skip: lacks(subject, "close"),
    async run(trial) {
      const path = trial.path();
      await trial.harness.put(path, anyPayload(trial));
      const provider = await trial.harness.open();
      await readOnce(provider, path);
      await closeProvider(provider);
      await expectCode(readOnce(provider, path), "CLOSED", "get after close");
      if (provider.check) await expectCode(check(provider), "CLOSED", "check after close");
      if (provider.subscribe)
        await expectCode(
          subscribe(provider, [path], () => undefined),
          "CLOSED",
          "subscribe after close",
        );
    },
  },
  {
    id: "lifecycle.close-during-read",
    title: "a read in flight at close ends with its answer or with CLOSED",
    skip: lacks(subject, "close"),
    async run(trial) {
      const [path, payload] = [trial.path(), anyPayload(trial)];
      await trial.harness.put(path, payload);
      const provider = await trial.harness.open();
      const reads = [1, 2, 3].map(() => readOnce(provider, path).catch((error: unknown) => ({ error })));
      await closeProvider(provider);
      for (const outcome of await within(Promise.all(reads), "reads in flight at close")) {
        if ("error" in outcome)
          expectThat(isSecretError(outcome.error, "CLOSED"), "a read in flight at close must be CLOSED");
        else expectPayload(expectOk(outcome).payload, payload, "a read that finished before close");
      }
    },
  },
  {
    id: "lifecycle.close-stalled",
    title: "close does not wait for a silent store, and ends the reads that do with CLOSED",
    skip: lacks(subject, "close") ?? needs(subject, "stall"),
    async run(trial) {
      const path = trial.path();
      await trial.harness.put(path, anyPayload(trial));
      const provider = await trial.harness.open();
      await during(trial.harness.stall?.() ?? Promise.reject(new Error("no stall")), async () => {
        const read = expectCode(readOnce(provider, path), "CLOSED", "a read of a silent store, closed");
        await Promise.all([read, within(closeProvider(provider), "close", 1000)]);
      });
    },
  },
  {
    id: "lifecycle.no-handle",
    title:
      "after close no timer, watcher, socket or file descriptor remains, whether or not its subscriptions were disposed of",
    skip: lacks(subject, "close"),
    async run(trial) {
      const path = trial.path();
      await trial.harness.put(path, anyPayload(trial));
      // The first round opens what Node keeps for the process: its inotify descriptor, its thread pool.
      await openUseClose(trial, path, true);
      const before = openHandles();
      for (const disposes of [true, false, false]) await openUseClose(trial, path, disposes);
      await settles(() => surplus(before, openHandles()) === undefined, 2000);
      const left = surplus(before, openHandles());
      expectThat(left === undefined, `after close there remains: ${left}`);
    },
  },
];

function check(provider: Awaited<ReturnType<Trial["harness"]["open"]>>): Promise<void> {
  return within(provider.check?.({ signal: new AbortController().signal }) ?? Promise.resolve(), "check");
}

async function openUseClose(trial: Trial, path: string, disposes: boolean): Promise<void> {
  const provider = await trial.harness.open();
  await check(provider);
  await readOnce(provider, path);
  if (provider.subscribe) {
    const subscription = await subscribe(provider, [path], () => undefined);
    if (disposes) await subscription[Symbol.asyncDispose]();
  }
  await closeProvider(provider);
}
