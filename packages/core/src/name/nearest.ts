/** Longer words are names that nobody mistyped by a letter or two, and the distance is quadratic. */
const maxWordLength = 64;

/**
 * Finds the candidate that a mistyped word most likely meant.
 * A difference in case alone counts as equal; otherwise at most one edit per three letters, three in all and one in a word of
 * up to four. A word that is cut short means the one candidate that it begins.
 */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  if (word.length > maxWordLength) return undefined;
  const wanted = word.toLowerCase();
  let limit = Math.min(wanted.length < 5 ? 1 : 3, Math.ceil(wanted.length / 3));
  let best: string | undefined;
  const longer: string[] = [];
  for (const candidate of candidates) {
    if (candidate.toLowerCase().startsWith(wanted)) longer.push(candidate);
    if (candidate === word || Math.abs(candidate.length - word.length) > limit) continue;
    const distance = editDistance(wanted, candidate.toLowerCase());
    if (distance > limit || (best !== undefined && distance === limit)) continue;
    best = candidate;
    limit = distance;
  }
  const [only] = longer;
  return best ?? (longer.length === 1 && wanted.length >= shortestBeginning && only !== word ? only : undefined);
}

/** Fewer letters begin too much. */
const shortestBeginning = 3;

/** Optimal string alignment: insert, delete, replace, and swap of neighbours cost one each. */
function editDistance(from: string, to: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let row = 1; row <= from.length; row++) {
    const current = [row];
    for (let column = 1; column <= to.length; column++) {
      const same = from[row - 1] === to[column - 1];
      let cost = Math.min(at(last, column) + 1, at(current, column - 1) + 1, at(last, column - 1) + (same ? 0 : 1));
      const swapped = from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      if (row > 1 && column > 1 && swapped) cost = Math.min(cost, at(beforeLast, column - 2) + 1);
      current.push(cost);
    }
    beforeLast = last;
    last = current;
  }
  return at(last, to.length);
}

function at(row: readonly number[], column: number): number {
  return row[column] ?? Number.POSITIVE_INFINITY;
}
