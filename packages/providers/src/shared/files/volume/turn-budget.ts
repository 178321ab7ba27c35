/** Files that are read in one turn of the event loop: with all that follows from a new value, a few milliseconds. */
const filesPerTurn = 64;

/** Hands out file reads, so that however many keys there are, other work of the process gets its turn. */
export interface TurnBudget {
  /** Takes one read. A promise means: wait for it first, the turn is spent. */
  take(): Promise<void> | undefined;
}

/** Makes the budget that all reads of one provider share; those that wait are served in the order in which they came. */
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
