import { expectPayload, expectThat, rejection, within } from "./assertions.ts";
import { type CaseFamily, needs } from "./case.ts";
import { anyPayload } from "./fixture.ts";
import { during, expectOk, withSession } from "./session.ts";

/** An abort rejects with the signal's own reason and touches nobody else. */
export const abortCases: CaseFamily = (subject) => [
  {
    id: "abort.before",
    title: "a call whose signal has aborted rejects with the signal's reason, and the store is not asked",
    async run(trial) {
      const path = trial.path();
      await trial.harness.put(path, anyPayload(trial));
      await withSession(trial, async ({ provider, get }) => {
        const reads = trial.harness.reads?.();
        const reason = new Error("aborted by the test");
        const signal = AbortSignal.abort(reason);
        const thrown = await rejection(get(path, { signal }), "get with an aborted signal");
        expectThat(thrown === reason, "get with an aborted signal must reject with signal.reason itself");
        expectThat(trial.harness.reads?.() === reads, "get with an aborted signal asked the store");
        if (provider.check === undefined) return;
        const checked = await rejection(provider.check({ signal }), "check with an aborted signal");
        expectThat(checked === reason, "check with an aborted signal must reject with signal.reason itself");
      });
    },
  },
  {
    id: "abort.subscribe",
    title: "a subscription whose signal has aborted rejects with the signal's reason",
    skip: subject.supports.subscribe === false ? "supports.subscribe is false" : undefined,
    async run(trial) {
      const path = trial.path();
      await trial.harness.put(path, anyPayload(trial));
      await withSession(trial, async ({ provider }) => {
        const reason = new Error("aborted by the test");
        const started = provider.subscribe?.([path], () => undefined, { signal: AbortSignal.abort(reason) });
        const thrown = await rejection(started ?? Promise.resolve(), "subscribe with an aborted signal");
        expectThat(thrown === reason, "subscribe with an aborted signal must reject with signal.reason itself");
      });
    },
  },
  {
    id: "abort.during",
    title: "an abort during a read ends it with the signal's reason, or comes too late, and leaves other reads alone",
    async run(trial) {
      const [path, payload] = [trial.path(), anyPayload(trial)];
      await trial.harness.put(path, payload);
      await withSession(trial, async ({ get, read }) => {
        const controller = new AbortController();
        const reason = new Error("aborted by the test");
        const aborted = get(path, { signal: controller.signal }).catch((error: unknown) => ({ error }));
        const other = get(path);
        controller.abort(reason);
        const outcome = await within(aborted, "get aborted on its way");
        if ("error" in outcome) expectThat(outcome.error === reason, "an aborted get must reject with signal.reason");
        else expectPayload(expectOk(outcome).payload, payload, "a get that finished before its abort");
        expectPayload(expectOk(await other).payload, payload, "a read beside an aborted one");
        expectPayload((await read(path)).payload, payload, "the read after an abort");
      });
    },
  },
  {
    id: "abort.stalled",
    title: "an abort immediately ends a read that the store does not answer",
    skip: needs(subject, "stall"),
    async run(trial) {
      const [path, payload] = [trial.path(), anyPayload(trial)];
      await trial.harness.put(path, payload);
      await withSession(trial, async ({ get, read }) => {
        await during(trial.harness.stall?.() ?? Promise.reject(new Error("no stall")), async () => {
          const controller = new AbortController();
          const reason = new Error("aborted by the test");
          const stalled = rejection(get(path, { signal: controller.signal }), "get aborted while the store is silent");
          controller.abort(reason);
          expectThat((await within(stalled, "an aborted get", 1000)) === reason, "it must reject with signal.reason");
        });
        expectPayload((await read(path)).payload, payload, "the read after an abort");
      });
    },
  },
];
