/** The reference input: 100 names, 32-byte values. */
export const names: readonly string[] = Array.from({ length: 100 }, (_, index) => nameOf(index));

/** `svc/db-042/password` */
export function nameOf(index: number): string {
  return `svc/db-${String(index).padStart(3, "0")}/password`;
}

/** The alias of a name: aliases contain no slash. */
export function aliasOf(name: string): string {
  return name.replaceAll("/", "-");
}

/** A made-up value of 32 characters that only this name has. */
export function valueFor(name: string): string {
  return `s3cret-fixture-${name}`.padEnd(32, ".").slice(-32);
}

/** Throws unless a read answers the right value for every key. */
export async function assertReads(
  contender: string,
  keys: readonly string[],
  read: (key: string) => unknown,
  expected: (key: string) => unknown,
): Promise<void> {
  for (const key of keys) {
    if ((await read(key)) !== expected(key)) throw new Error(`${contender} answered a wrong value for ${key}`);
  }
}
