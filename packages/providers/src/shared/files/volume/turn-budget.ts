/** The files read in one turn of the event loop; with the handling of new values, they take a few milliseconds. */
const filesPerTurn = 64;

/** Limits the synchronous file reads of one turn of the event loop, so that many keys do not block the process. */
export interface TurnBudget {
  /** Takes one read. Returns a promise to await first if the budget of this turn is used up. */
  take(): Promise<void> | undefined;
}

/** Creates the budget of a provider. Waiting reads continue in the order in which they called `take`. */
export function createTurnBudget(limit: number = filesPerTurn): TurnBudget {
  let left = limit;
  let isTurnAhead = false;
  let waiting: (() => void)[] = [];
  const startTurn = (): void => {
    if (isTurnAhead) return;
    isTurnAhead = true;
    setImmediate(() => {
      isTurnAhead = false;
      const served = waiting.slice(0, limit);
      waiting = waiting.slice(limit);
      left = limit - served.length;
      if (served.length > 0) startTurn();
      for (const serve of served) serve();
    });
  };
  return {
    take() {
      startTurn();
      if (left > 0) {
        left -= 1;
        return undefined;
      }
      return new Promise((resolve) => waiting.push(resolve));
    },
  };
}
