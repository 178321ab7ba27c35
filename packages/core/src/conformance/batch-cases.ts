import type { ProviderResult, ReadRequest, SecretPayload } from "../contract/contract.ts";
import { isSecretError, type SecretError, type SecretErrorCode } from "../error/secret-error.ts";
import { expectCode, expectPayload, expectThat, rejection, within } from "./assertions.ts";
import { type CaseDefinition, type CaseFamily, needs, type Subject, type Trial } from "./case.ts";
import { anyPayload, contentsOf, kindsOf, madeUp } from "./fixture.ts";
import type { Undo } from "./harness.ts";
import { closeProvider, during, expectOk, type Session, withSession } from "./session.ts";
import { findTrace, printed, tracesOfValue } from "./traces.ts";

type Answers = readonly (ProviderResult | SecretError)[];

/** One of several secrets that are read in one call. */
interface Stored {
  readonly path: string;
  readonly payload: SecretPayload;
}

/** Cases: reading several paths in one call returns the same results as reading each path. */
export const batchCases: CaseFamily = (subject) => [
  of(subject, {
    id: "batch.answers",
    title:
      "several paths in one call, as many as it may read, are answered like single reads, in the order of the requests",
    async run(trial) {
      const stored = await store(trial, trial.supports.batch ?? 2);
      await withSession(trial, async (session) => {
        const backwards = [...stored].reverse();
        const answers = await many(session, backwards);
        for (const [index, { path, payload }] of backwards.entries()) {
          const { payload: answered, version } = okOf(answers, index);
          expectPayload(answered, payload, `answer ${index}`);
          expectThat(version === (await session.read(path)).version, `answer ${index} has another version than a read`);
        }
      });
    },
  }),
  of(subject, {
    id: "batch.calls",
    title: "several paths take fewer calls than there are paths",
    skip: needs(subject, "reads"),
    async run(trial) {
      const stored = await store(trial, trial.supports.batch ?? 2);
      await withSession(trial, async (session) => {
        await session.read(stored[0]?.path ?? "");
        const before = trial.harness.reads?.() ?? 0;
        await many(session, stored);
        const calls = (trial.harness.reads?.() ?? 0) - before;
        expectThat(calls < stored.length, `${calls} calls were made for ${stored.length} paths`);
      });
    },
  }),
  of(subject, {
    id: "batch.bytes",
    title: "the answered bytes belong to the caller, and are not part of a pool",
    async run(trial) {
      const stored = await store(trial, 2);
      await withSession(trial, async (session) => {
        for (const [index] of stored.entries())
          for (const bytes of contentsOf(okOf(await many(session, stored), index).payload)) {
            expectThat(bytes.buffer.byteLength === bytes.byteLength, "the bytes are a view over a larger buffer");
            bytes.fill(0);
          }
        const answers = await many(session, stored);
        for (const [index, { payload }] of stored.entries())
          expectPayload(okOf(answers, index).payload, payload, "the next answer after the last one was changed");
      });
    },
  }),
  of(subject, {
    id: "batch.not-modified",
    title: "a conditional read of an unchanged path is not-modified, and that of a changed path is not",
    skip: subject.supports.conditional ? undefined : "supports.conditional is false",
    async run(trial) {
      const stored = await store(trial, 2);
      const [first, second] = stored as [Stored, Stored];
      await withSession(trial, async (session) => {
        const versions = [(await session.read(first.path)).version, (await session.read(second.path)).version];
        await trial.harness.put(second.path, anyPayload(trial));
        const requests = stored.map(({ path }, index) => ({ path, ifVersion: versions[index] }));
        const [kept, changed] = (await many(session, requests)).map((answer) => statusOf(answer));
        expectThat(kept === "not-modified", `an unchanged path was answered ${kept}`);
        expectThat(changed === "ok", `a changed path was answered ${changed}`);
      });
    },
  }),
  of(subject, {
    id: "batch.missing",
    title: "a secret that does not exist is not-found, and the others are read",
    async run(trial) {
      const missing = trial.path("missing");
      const answer = await withOthers(trial, missing);
      expectThat(statusOf(answer) === "not-found", `a missing secret was answered ${statusOf(answer)}`);
      const definitive = trial.harness.ambiguousMissing !== true;
      const isDefinitive = (answer as { readonly definitive?: boolean }).definitive;
      expectThat(isDefinitive === definitive, `a missing secret must have definitive: ${definitive}`);
    },
  }),
  of(subject, {
    id: "batch.name",
    title: "a path that the store cannot hold is INVALID_NAME, and the others are read",
    async run(trial) {
      expectMember(await withOthers(trial, `../${trial.path()}`), "INVALID_NAME");
    },
  }),
  failingMember(subject, "denied", "a path that this client may not read", "PERMISSION_DENIED", "deny"),
  failingMember(subject, "broken-path", "a path that alone is broken", "UNAVAILABLE", "breakPath"),
  failingMember(subject, "corrupt", "content that is not a payload", "INVALID_VALUE", "corrupt"),
  failing(subject, "severed", "a store that cannot be reached", "UNAVAILABLE", ({ harness }) => harness.sever?.()),
  failing(subject, "throttled", "a store that asks to come back later", "THROTTLED", ({ harness }) =>
    harness.throttle?.(3000),
  ),
  failing(subject, "login-refused", "a login that is refused", "UNAUTHENTICATED", ({ harness }) =>
    harness.expireLogin?.({ refuse: true }),
  ),
  of(subject, {
    id: "batch.abort",
    title: "a call whose signal has aborted rejects with the signal's reason, and the store is not asked",
    async run(trial) {
      const stored = await store(trial, 2);
      await withSession(trial, async (session) => {
        const before = trial.harness.reads?.();
        const reason = new Error("aborted by the test");
        const thrown = await rejection(many(session, stored, AbortSignal.abort(reason)), "an aborted getMany");
        expectThat(thrown === reason, "getMany with an aborted signal must reject with signal.reason itself");
        expectThat(trial.harness.reads?.() === before, "getMany with an aborted signal asked the store");
      });
    },
  }),
  of(subject, {
    id: "batch.after-close",
    title: "after close it rejects with CLOSED",
    skip: subject.harness.lacks?.includes("close") ? "the provider has no close" : undefined,
    async run(trial) {
      const stored = await store(trial, 2);
      await withSession(trial, async (session) => {
        await closeProvider(session.provider);
        await expectCode(many(session, stored), "CLOSED", "getMany after close");
      });
    },
  }),
];

/** Creates a case that applies only to adapters that read several paths in one call. */
function of({ supports }: Subject, { skip, ...definition }: CaseDefinition): CaseDefinition {
  return { ...definition, skip: supports.batch === undefined ? "supports.batch is not set" : skip };
}

function failingMember(
  subject: Subject,
  id: string,
  what: string,
  code: SecretErrorCode,
  fault: "deny" | "breakPath" | "corrupt",
): CaseDefinition {
  return of(subject, {
    id: `batch.${id}`,
    title: `${what} is ${code}, shows no value, and the others are read`,
    skip: needs(subject, fault),
    async run(trial) {
      const [path, payload] = [trial.path("spoilt"), anyPayload(trial)];
      await trial.harness.put(path, payload);
      await during(trial.harness[fault]?.(path) ?? Promise.reject(new Error("no fault")), async () => {
        const error = expectMember(await withOthers(trial, path), code);
        if (fault === "breakPath") expectThat(error.scope === "path", "the error does not say scope: path");
        const traces = contentsOf(payload).flatMap((bytes) => tracesOfValue(bytes, "the value"));
        const found = findTrace(printed(error), traces);
        expectThat(found === undefined, `the error shows ${found}`);
      });
    },
  });
}

/** Checks that a fault of the whole store rejects the call, and that the call works again afterwards. */
function failing(
  subject: Subject,
  id: "severed" | "throttled" | "login-refused",
  what: string,
  code: SecretErrorCode,
  fault: (trial: Trial) => Promise<Undo> | undefined,
): CaseDefinition {
  const method = ({ severed: "sever", throttled: "throttle", "login-refused": "expireLogin" } as const)[id];
  return of(subject, {
    id: `batch.${id}`,
    title: `${what} makes the whole call ${code}`,
    skip: needs(subject, method),
    async run(trial) {
      const stored = await store(trial, 2);
      await withSession(trial, async (session) => {
        okOf(await many(session, stored), 0);
        await during(fault(trial) ?? Promise.reject(new Error("no fault")), async () => {
          const { retryAfterMs } = await expectCode(many(session, stored), code, "getMany during the fault");
          const isFloor = retryAfterMs !== undefined && retryAfterMs > 1000 && retryAfterMs <= 4000;
          if (code === "THROTTLED")
            expectThat(isFloor, "the store asked for 3000 ms, retryAfterMs says something else");
        });
        okOf(await many(session, stored), 1);
      });
    },
  });
}

/** Reads a path between two existing paths and returns its result. */
async function withOthers(trial: Trial, path: string): Promise<ProviderResult | SecretError> {
  const [before, after] = (await store(trial, 2)) as [Stored, Stored];
  // The adapter may read at most two paths in one call, so there are two calls.
  const size = trial.supports.batch ?? 2;
  const calls =
    size > 2
      ? [[before, { path }, after]]
      : [
          [before, { path }],
          [{ path }, after],
        ];
  let found: ProviderResult | SecretError | undefined;
  await withSession(trial, async (session) => {
    for (const call of calls) {
      const answers = await many(session, call);
      for (const [index, member] of call.entries()) {
        if ("payload" in member) expectPayload(okOf(answers, index).payload, member.payload, "a path beside it");
        else found = answers[index];
      }
    }
  });
  expectThat(found !== undefined, "there is no answer for one of the paths");
  return found;
}

async function store(trial: Trial, count: number): Promise<readonly Stored[]> {
  const kinds = kindsOf(trial);
  const stored = Array.from({ length: count }, (_, index) => ({
    path: trial.path(`n${index}`),
    payload: madeUp(kinds[index % kinds.length] ?? "value"),
  }));
  for (const { path, payload } of stored) await trial.harness.put(path, payload);
  return stored;
}

/** Reads several paths in one call, with a time limit. */
async function many(
  { provider }: Session,
  asked: readonly { readonly path: string; readonly ifVersion?: string | undefined }[],
  signal: AbortSignal = new AbortController().signal,
): Promise<Answers> {
  const requests = asked.map(({ path, ifVersion }): ReadRequest => ({ path, version: "current", ifVersion }));
  expectThat(provider.getMany !== undefined, "supports.batch is set, but there is no getMany");
  const answers: unknown = await within(provider.getMany(requests, { signal }), "getMany");
  expectThat(Array.isArray(answers), "getMany answered no array");
  expectThat(answers.length === asked.length, `getMany answered ${answers.length} times for ${asked.length} paths`);
  return answers as Answers;
}

function okOf(answers: Answers, index: number): ReturnType<typeof expectOk> {
  const answer = answers[index];
  expectThat(answer !== undefined && !isSecretError(answer), `answer ${index} is not a result`);
  return expectOk(answer as ProviderResult);
}

function expectMember(answer: ProviderResult | SecretError, code: SecretErrorCode): SecretError {
  expectThat(isSecretError(answer), `it must be ${code} in its place, and was answered ${statusOf(answer)}`);
  expectThat(answer.code === code, `it must be ${code} in its place, and is ${answer.code}`);
  return answer;
}

function statusOf(answer: ProviderResult | SecretError): string {
  return isSecretError(answer) ? answer.code : String((answer as { readonly status?: unknown })?.status);
}
