import { isSecretError } from "../error/secret-error.ts";
import { expectCode, expectPayload, expectThat, within } from "./assertions.ts";
import { type CaseFamily, needs, type Trial } from "./case.ts";
import { anyPayload, kindsOf, madeUp } from "./fixture.ts";
import { closeProvider, during, readOnce, type Session, withSession } from "./session.ts";

/** Cases: each fault of a store has its error code, and reads work again after the fault. */
export const errorCases: CaseFamily = (subject) => [
  {
    id: "errors.missing",
    title: "a secret that does not exist is not-found, and definitively so unless the store cannot tell",
    async run(trial) {
      await withSession(trial, async (session) => {
        const result = await session.get(trial.path());
        expectThat(result.status === "not-found", `a missing secret was answered ${result.status}`);
        const definitive = trial.harness.ambiguousMissing !== true;
        expectThat(result.definitive === definitive, `a missing secret must have definitive: ${definitive}`);
      });
    },
  },
  {
    id: "errors.denied",
    title: "a secret that this client may not read is PERMISSION_DENIED, and only that one",
    skip: needs(subject, "deny"),
    async run(trial) {
      const other = trial.path("other");
      await trial.harness.put(other, anyPayload(trial));
      await failsDuring(
        trial,
        "PERMISSION_DENIED",
        (path) => trial.harness.deny?.(path),
        async (session) => {
          await session.read(other);
        },
      );
    },
  },
  {
    id: "errors.severed",
    title: "a store that cannot be reached is UNAVAILABLE, and is read again once it is back",
    skip: needs(subject, "sever"),
    run: (trial) => failsDuring(trial, "UNAVAILABLE", () => trial.harness.sever?.()),
  },
  {
    id: "errors.severed-scope",
    title: "a store that cannot be reached is no failure of one path",
    skip: needs(subject, "sever"),
    async run(trial) {
      const error = await failsDuring(trial, "UNAVAILABLE", () => trial.harness.sever?.());
      expectThat(error.scope !== "path", "every path fails, the error says scope: path");
    },
  },
  {
    id: "errors.broken-path",
    title: "a path that alone is broken is UNAVAILABLE with the scope path, and the others are read",
    skip: needs(subject, "breakPath"),
    async run(trial) {
      const other = trial.path("other");
      await trial.harness.put(other, anyPayload(trial));
      const error = await failsDuring(
        trial,
        "UNAVAILABLE",
        (path) => trial.harness.breakPath?.(path),
        async (session) => {
          await session.read(other);
        },
      );
      expectThat(error.scope === "path", "one path fails, the error does not say scope: path");
    },
  },
  {
    id: "errors.severed-open",
    title:
      "a provider that opens while its store cannot be reached reports UNAVAILABLE on the first read at the latest",
    skip: needs(subject, "sever"),
    async run(trial) {
      const path = trial.path();
      await trial.harness.put(path, anyPayload(trial));
      await during(faultOf(trial.harness.sever?.()), async () => {
        await expectCode(openAndRead(trial, path), "UNAVAILABLE", "open and get while severed");
      });
    },
  },
  {
    id: "errors.login-expired",
    title:
      "an expired login is replaced by one fresh login, or reported as UNAUTHENTICATED and replaced by the next read",
    skip: needs(subject, "expireLogin"),
    async run(trial) {
      const [path, payload] = [trial.path(), anyPayload(trial)];
      await trial.harness.put(path, payload);
      await withSession(trial, async (session) => {
        await session.read(path);
        await during(faultOf(trial.harness.expireLogin?.()), async () => {
          const first = session.read(path).catch((error: unknown) => error);
          const outcome = await within(first, "get after the login has expired");
          const told = isSecretError(outcome, "UNAUTHENTICATED");
          expectThat(told || !(outcome instanceof Error), "an expired login must be UNAUTHENTICATED or replaced");
          expectPayload((await session.read(path)).payload, payload, "the read after a fresh login");
        });
      });
    },
  },
  {
    id: "errors.login-refused",
    title: "a login that is refused is UNAUTHENTICATED",
    skip: needs(subject, "expireLogin"),
    run: (trial) => failsDuring(trial, "UNAUTHENTICATED", () => trial.harness.expireLogin?.({ refuse: true })),
  },
  {
    id: "errors.throttled",
    title: "a store that asks to come back later is THROTTLED, with that delay as retryAfterMs",
    skip: needs(subject, "throttle"),
    async run(trial) {
      const error = await failsDuring(trial, "THROTTLED", () => trial.harness.throttle?.(3000));
      const delay = error.retryAfterMs ?? 0;
      expectThat(delay > 1000 && delay <= 4000, "the store asked for 3000 ms, retryAfterMs says something else");
    },
  },
  {
    id: "errors.corrupt",
    title: "content that is not a payload is INVALID_VALUE",
    skip: needs(subject, "corrupt"),
    run: (trial) => failsDuring(trial, "INVALID_VALUE", (path) => trial.harness.corrupt?.(path)),
  },
];

/** Checks on one provider that a read succeeds before and after a fault, and fails with the code during it. */
async function failsDuring(
  trial: Trial,
  code: Parameters<typeof expectCode>[1],
  fault: (path: string) => Parameters<typeof faultOf>[0],
  meanwhile?: (session: Session) => Promise<void>,
): ReturnType<typeof expectCode> {
  const path = trial.path();
  const payload = madeUp(kindsOf(trial)[0] ?? "value");
  await trial.harness.put(path, payload);
  let told: Awaited<ReturnType<typeof expectCode>> | undefined;
  await withSession(trial, async (session) => {
    expectPayload((await session.read(path)).payload, payload, "the read before the fault");
    await during(faultOf(fault(path)), async () => {
      told = await expectCode(session.get(path), code, "get during the fault");
      await meanwhile?.(session);
    });
    expectPayload((await session.read(path)).payload, payload, "the read after the fault");
  });
  expectThat(told !== undefined, "the fault did not happen");
  return told;
}

/** The case's `skip` rules the absence out. */
function faultOf(fault: Promise<() => Promise<void>> | undefined): Promise<() => Promise<void>> {
  return fault ?? Promise.reject(new Error("the harness lacks this fault"));
}

async function openAndRead(trial: Trial, path: string): Promise<void> {
  const provider = await trial.harness.open();
  try {
    await readOnce(provider, path);
  } finally {
    await closeProvider(provider);
  }
}
