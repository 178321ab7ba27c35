/** The metadata of one version of a secret. */
export interface Kv2Version {
  readonly number: number;
  /** The creation time in the format of Vault. It distinguishes versions with the same number after a secret was wiped. */
  readonly createdTime: string;
  /** The deletion time in the format of Vault, which may be in the future; empty if there is none. */
  readonly deletionTime: string;
  readonly isDestroyed: boolean;
}

/** Parses the metadata of a version; returns undefined for an invalid one. */
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

/** Returns the version as the client sees it: the number and the creation time. */
export function versionName({ number, createdTime }: Kv2Version): string {
  return createdTime === "" ? `${number}` : `${number}@${createdTime}`;
}

/** Parses a number, or a result of `versionName`. Returns undefined for any other text, including 0, which means the newest in Vault. */
export function parseVersionName(name: string): { readonly number: number; readonly name: string } | undefined {
  const digits = /^([1-9]\d{0,8})(?:@|$)/.exec(name)?.[1];
  return digits === undefined ? undefined : { number: Number(digits), name };
}

/** Returns whether a version is neither deleted nor destroyed. @param now the time of Vault, in milliseconds since the epoch */
export function isReadable({ isDestroyed, deletionTime }: Kv2Version, now: number): boolean {
  if (isDestroyed) return false;
  const deletedAt = timeOf(deletionTime);
  return deletedAt === undefined ? deletionTime === "" : deletedAt.getTime() > now;
}

/** Parses a time of Vault, without its nanoseconds; returns undefined for any other text. */
export function timeOf(text: string): Date | undefined {
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? undefined : new Date(ms);
}
