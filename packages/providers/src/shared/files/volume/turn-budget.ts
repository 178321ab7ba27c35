/** Files that are read in one turn of the event loop: about 1 ms on tmpfs, and 5 ms with all that follows from a new value. */
const filesPerTurn = 128;

/** Hands out file reads, so that however many keys there are, other work of the process gets its turn. */
export interface TurnBudget {
  /** Takes one read. A promise means: wait for it first, the turn is spent. */
  take(): Promise<void> | undefined;
}

/** Makes the budget that all reads of one provider share. */
export function createTurnBudget(limit: number = filesPerTurn): TurnBudget {
  let left = limit;
  let nextTurn: Promise<void> | undefined;
  const startTurn = (): Promise<void> =>
    new Promise((resolve) => {
      setImmediate(() => {
        left = limit;
        nextTurn = undefined;
        resolve();
      });
    });
  const takeLater = async (): Promise<void> => {
    while (left <= 0) {
      nextTurn ??= startTurn();
      await nextTurn;
    }
    left -= 1;
  };
  return {
    take() {
      nextTurn ??= startTurn();
      if (left <= 0) return takeLater();
      left -= 1;
      return undefined;
    },
  };
}
