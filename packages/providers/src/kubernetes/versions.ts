/**
 * Whether one resource version comes before another. They are opaque by the API's rules, and numbers in fact; where one is none,
 * nothing is known, and it does not.
 */
export function isBefore(version: string, other: string | undefined): boolean {
  const areNumbers = [version, other ?? ""].every((each) => /^\d+$/.test(each));
  return areNumbers && BigInt(version) < BigInt(other ?? "");
}
