/**
 * Whether one resource version comes before another. The API defines them as opaque, but in practice they are numbers; if one
 * is not, the result is false.
 */
export function isBefore(version: string, other: string | undefined): boolean {
  const areNumbers = [version, other ?? ""].every((each) => /^\d+$/.test(each));
  return areNumbers && BigInt(version) < BigInt(other ?? "");
}
