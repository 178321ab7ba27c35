import type { Provider } from "../contract/contract.ts";
import { within } from "./assertions.ts";
import type { Trial } from "./case.ts";
import type { Undo } from "./harness.ts";
import { closeProvider, during, readOnce, type Session } from "./session.ts";

/** One error with the action that caused it. */
export interface Provoked {
  readonly what: string;
  readonly error: unknown;
}

/** Provokes every error that the harness, or a caller alone, can cause around one stored secret. */
export async function provokeErrors(trial: Trial, session: Session, path: string): Promise<readonly Provoked[]> {
  const provoked: Provoked[] = [];
  const collect = async (what: string, call: () => Promise<unknown> | undefined): Promise<void> => {
    await within(Promise.resolve(call()), what).catch((error: unknown) =>
      provoked.push({ what: `the error of ${what}`, error }),
    );
  };
  const collectAll = async (when: string): Promise<void> => {
    const { signal } = new AbortController();
    await collect(`get${when}`, () => session.get(path));
    await collect(`check${when}`, () => session.provider.check?.({ signal }));
  };

  await session.read(path);
  for (const bad of [`../${path}`, "", `${path}\0`, `${path}%00`, `/${path}`]) {
    await collect("a hostile path", () => session.get(bad));
  }
  await collect("a read of the previous version", () => session.get(path, { version: "previous" }));
  await collect("a read of a version by its id", () => session.get(path, { version: { id: "no-such-version" } }));
  for (const [name, fault] of faults(trial, path)) {
    const begun = fault();
    if (begun) await during(begun, () => collectAll(` while the store is ${name}`));
  }
  await collect("a call after close", () => readAfterClose(trial, path));
  return provoked;
}

function faults({ harness }: Trial, path: string): readonly (readonly [string, () => Promise<Undo> | undefined])[] {
  return [
    ["denying", () => harness.deny?.(path)],
    ["severed", () => harness.sever?.()],
    ["throttling", () => harness.throttle?.(1000)],
    ["refusing logins", () => harness.expireLogin?.({ refuse: true })],
    ["corrupt", () => harness.corrupt?.(path)],
  ];
}

async function readAfterClose(trial: Trial, path: string): Promise<unknown> {
  const provider: Provider = await trial.harness.open();
  await closeProvider(provider);
  return readOnce(provider, path);
}
