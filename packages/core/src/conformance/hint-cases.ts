import type { SecretPayload } from "../contract/contract.ts";
import { expectThat } from "./assertions.ts";
import { type CaseDefinition, type CaseFamily, lacks, needs, type Subject, type Trial } from "./case.ts";
import { anyPayload, kindsOf, madeUp } from "./fixture.ts";
import { type Follower, follow, subscribe } from "./follower.ts";
import { closeProvider, type Session, withSession } from "./session.ts";

/** Cases: each change sends a hint, none is lost while subscribing, and none arrives after the subscription ends. */
export const hintCases: CaseFamily = (subject) =>
  [
    hintCase("successive", "each of several successive changes is hinted", async (trial, session) => {
      for (const kind of kindsOf(trial)) {
        const path = trial.path(kind);
        await session.put(path, madeUp(kind));
        const follower = await follow(trial, session.provider, [path]);
        for (let round = 1; round <= 6; round++)
          await changeSeen(trial, follower, path, madeUp(kind), `change ${round}`);
        await follower.stop();
      }
    }),
    hintCase("before", "a change just before subscribing does not hide the one after it", async (trial, session) => {
      const path = trial.path();
      await session.put(path, anyPayload(trial));
      await session.put(path, anyPayload(trial));
      const follower = await follow(trial, session.provider, [path]);
      await changeSeen(trial, follower, path, anyPayload(trial), "the change right after subscribing");
      await follower.stop();
    }),
    hintCase(
      "while",
      "a change while subscribing is read or hinted once the subscription is established",
      async (trial, session) => {
        for (let round = 0; round <= 6; round++) {
          const [path, payload] = [trial.path(`${round}`), anyPayload(trial)];
          await session.put(path, anyPayload(trial));
          const changing = eventLoopTurns(round).then(() => trial.harness.put(path, payload));
          const [follower] = await Promise.all([follow(trial, session.provider, [path]), changing]);
          await follower.look();
          await follower.sees(path, payload, `the change while subscribing, round ${round}`);
          await follower.stop();
        }
      },
    ),
    hintCase("appearance", "a secret that appears after subscribing is hinted", async (trial, session) => {
      const path = trial.path();
      const follower = await follow(trial, session.provider, [path]);
      await follower.look();
      await changeSeen(trial, follower, path, anyPayload(trial), "the first value");
      await changeSeen(trial, follower, path, anyPayload(trial), "the second value");
      await follower.stop();
    }),
    hintCase(
      "delete-recreate",
      "a deletion and a return are hinted, twice in a row",
      deleteAndRecreate,
      needs(subject, "remove"),
    ),
    hintCase("several-paths", "one subscription hints the changes of each of its paths", async (trial, session) => {
      const paths = [trial.path("a"), trial.path("b"), trial.path("c")];
      for (const path of paths) await session.put(path, anyPayload(trial));
      const follower = await follow(trial, session.provider, paths);
      for (const path of [...paths, ...paths]) await changeSeen(trial, follower, path, anyPayload(trial), "a change");
      await follower.stop();
    }),
    hintCase(
      "disposed",
      "after a subscription is disposed, twice even, no hint of it arrives",
      async (trial, session) => {
        const path = trial.path();
        await session.put(path, anyPayload(trial));
        const silent = countedHints();
        const subscription = await subscribe(session.provider, [path], silent.hint);
        const witness = await follow(trial, session.provider, [path]);
        await changeSeen(trial, witness, path, anyPayload(trial), "a change before disposal");
        await subscription[Symbol.asyncDispose]();
        await subscription[Symbol.asyncDispose]();
        await nothingMore(trial, silent, witness, path);
      },
    ),
    hintCase("independent", "two subscriptions do not depend on each other", async (trial, session) => {
      const path = trial.path();
      await session.put(path, anyPayload(trial));
      const first = await follow(trial, session.provider, [path]);
      const second = await follow(trial, session.provider, [path]);
      const payload = anyPayload(trial);
      await changeSeen(trial, first, path, payload, "a change, at the first subscription");
      await second.sees(path, payload, "a change, at the second subscription");
      await second.stop();
      await changeSeen(trial, first, path, anyPayload(trial), "a change after the second was disposed");
      const third = await follow(trial, session.provider, [path]);
      await first.stop();
      await changeSeen(trial, third, path, anyPayload(trial), "a change after the first was disposed");
      await third.stop();
    }),
    hintCase(
      "closed",
      "after its provider is closed no hint of a subscription arrives, and other providers go on",
      async (trial, session) => {
        const path = trial.path();
        await session.put(path, anyPayload(trial));
        const witness = await follow(trial, session.provider, [path]);
        const other = await trial.harness.open();
        const silent = countedHints();
        await subscribe(other, [path], silent.hint);
        await closeProvider(other);
        await nothingMore(trial, silent, witness, path);
      },
      lacks(subject, "close"),
    ),
  ].map((definition) => ({ ...definition, skip: withoutPush(subject) ?? definition.skip }));

function hintCase(
  id: string,
  title: string,
  run: (trial: Trial, session: Session) => Promise<void>,
  skip?: string,
): CaseDefinition {
  return { id: `hints.${id}`, title, skip, run: (trial) => withSession(trial, (session) => run(trial, session)) };
}

function withoutPush({ supports }: Subject): string | undefined {
  return supports.subscribe === false ? "supports.subscribe is false" : undefined;
}

async function deleteAndRecreate(trial: Trial, session: Session): Promise<void> {
  const path = trial.path();
  await session.put(path, anyPayload(trial));
  const follower = await follow(trial, session.provider, [path]);
  for (let round = 1; round <= 2; round++) {
    await session.remove(path);
    await follower.sees(path, undefined, `deletion ${round}`);
    await changeSeen(trial, follower, path, anyPayload(trial), `return ${round}`);
  }
  await follower.stop();
}

async function changeSeen(
  trial: Trial,
  follower: Follower,
  path: string,
  payload: SecretPayload,
  what: string,
): Promise<void> {
  await trial.harness.put(path, payload);
  await follower.sees(path, payload, what);
}

/**
 * Waits for a number of turns of the event loop, so that the rounds of a case hit different moments of a subscription's start.
 */
async function eventLoopTurns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise(setImmediate);
}

interface CountedHints {
  readonly count: number;
  readonly hint: () => void;
}

function countedHints(): CountedHints {
  let count = 0;
  return {
    get count() {
      return count;
    },
    hint: () => void count++,
  };
}

/** Proves that no hint arrives: meanwhile, another subscription receives hints of three changes. */
async function nothingMore(trial: Trial, silent: CountedHints, witness: Follower, path: string): Promise<void> {
  const before = silent.count;
  for (let round = 1; round <= 3; round++) await changeSeen(trial, witness, path, anyPayload(trial), `change ${round}`);
  await witness.stop();
  expectThat(silent.count === before, "a hint arrived after the subscription had ended");
}
