/** What Vault says of one version of a secret. */
export interface Kv2Version {
  readonly number: number;
  /** As Vault writes it; tells versions apart where a secret was wiped and begins at 1 again. */
  readonly createdTime: string;
  /** Empty where none is set; it may lie in the future. */
  readonly deletionTime: string;
  readonly isDestroyed: boolean;
}

/** Reads a member of `versions`, or the metadata beside the data. Undefined for what is neither. */
export function readKv2Version(number: unknown, details: unknown): Kv2Version | undefined {
  if (typeof details !== "object" || details === null) return undefined;
  if (typeof number !== "number" || !Number.isSafeInteger(number) || number < 1) return undefined;
  const { created_time: created, deletion_time: deletion, destroyed } = details as Readonly<Record<string, unknown>>;
  return {
    number,
    createdTime: typeof created === "string" ? created : "",
    deletionTime: typeof deletion === "string" ? deletion : "",
    isDestroyed: destroyed === true,
  };
}

/** How a version is called: its number, and when it was made. */
export function versionName({ number, createdTime }: Kv2Version): string {
  return createdTime === "" ? `${number}` : `${number}@${createdTime}`;
}

/** Reads `3`, or what `versionName` made. Version 0, by which Vault means the newest, is none. */
export function parseVersionName(name: string): { readonly number: number; readonly name: string } | undefined {
  const digits = /^([1-9]\d{0,8})(?:@|$)/.exec(name)?.[1];
  return digits === undefined ? undefined : { number: Number(digits), name };
}

/** Whether it can be read. @param now wall time in milliseconds */
export function isReadable({ isDestroyed, deletionTime }: Kv2Version, now: number): boolean {
  if (isDestroyed) return false;
  const deletedAt = timeOf(deletionTime);
  return deletedAt === undefined ? deletionTime === "" : deletedAt.getTime() > now;
}

/** A time as Vault writes it, with nanoseconds, which a Date drops. */
export function timeOf(text: string): Date | undefined {
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? undefined : new Date(ms);
}
