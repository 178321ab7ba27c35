import type { WriterFields } from "../kubelet-writer.ts";

/** In every value that a chaos writer writes, so that none can be told without being found. */
export const marker = "s3cret-fixture";

/** The generation of a tree that no `..data` ever points to: whoever serves it has read what was not published. */
export const unpublished = -1;

/** The pair of one generation of one volume; both halves name it. */
export function pairOf(volume: string, generation: number): WriterFields {
  return { username: `${marker}-user-${volume}-${generation}`, password: `${marker}-pass-${volume}-${generation}` };
}

/** A pair as the client decodes it. */
export interface Pair {
  readonly username: unknown;
  readonly password: unknown;
}

/** Which generation of a volume a pair is, or what is wrong with it, without its values. */
export function generationOf(volume: string, { username, password }: Pair): number | "torn" | "never-written" {
  const user = generationIn(username, `${marker}-user-${volume}-`);
  const pass = generationIn(password, `${marker}-pass-${volume}-`);
  if (user === undefined || pass === undefined || user === unpublished || pass === unpublished) return "never-written";
  return user === pass ? user : "torn";
}

function generationIn(value: unknown, prefix: string): number | undefined {
  if (typeof value !== "string" || !value.startsWith(prefix)) return undefined;
  const generation = Number(value.slice(prefix.length));
  return Number.isSafeInteger(generation) ? generation : undefined;
}
