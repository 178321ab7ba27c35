import { setTimeout as pause } from "node:timers/promises";

/** What the answers so far tell. */
export interface LoadTally {
  answered: number;
  /** Requests without an answer, and the ones that the service could not serve. */
  failed: number;
  /** Answers that no version explains: fields of two versions, or of none. */
  mixed: number;
  /** Answers from an older version than the same caller had seen before. */
  steppedBack: number;
}

/** Requests that go on until they are stopped. */
export interface Load extends AsyncDisposable {
  readonly tally: Readonly<LoadTally>;
  /** Resolves when the last answer is in. */
  stop(): Promise<void>;
}

/** Keeps a number of requests in flight. @param versions proof -> number of the version that gives it */
export function startLoad(url: URL, versions: ReadonlyMap<string, number>, inFlight: number): Load {
  const tally: LoadTally = { answered: 0, failed: 0, mixed: 0, steppedBack: 0 };
  let running = true;
  const call = async (): Promise<void> => {
    let newest = 0;
    while (running) {
      const proof = await ask(url);
      const version = versions.get(proof ?? "");
      if (proof === undefined) tally.failed += 1;
      else tally.answered += 1;
      if (proof !== undefined && version === undefined) tally.mixed += 1;
      if (version !== undefined && version < newest) tally.steppedBack += 1;
      newest = Math.max(newest, version ?? 0);
      // Leaves the machine room for everything else that it does.
      await pause(2);
    }
  };
  const callers = Promise.all(Array.from({ length: inFlight }, call));
  const stop = async (): Promise<void> => {
    running = false;
    await callers;
  };
  return { tally, stop, [Symbol.asyncDispose]: stop };
}

/** The answer, or `undefined` if there is none within five seconds. */
export async function ask(url: URL): Promise<string | undefined> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(5_000) });
    const text = await response.text();
    return response.ok ? text : undefined;
  } catch {
    return undefined;
  }
}
