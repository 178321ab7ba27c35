/** The longest word that is compared: the distance takes quadratic time. */
const maxWordLength = 64;

/**
 * Returns the candidate nearest to a mistyped word; undefined if none is near enough. Case is ignored. The limit is one edit per
 * three letters, at most three, and one in a word of up to four letters. If no candidate is that near, a word of three or more
 * letters matches the only candidate that begins with it.
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

/** The fewest letters of a prefix match; shorter ones match too many candidates. */
const shortestBeginning = 3;

/** Returns the optimal string alignment distance: an insertion, deletion, replacement or swap of neighbours costs one. */
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
