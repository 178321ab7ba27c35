/** What a Secret of a bench holds after that many updates, in its field `value`. */
export function secretValue(sequence: number): string {
  return `s3cret-fixture-${sequence}`;
}
