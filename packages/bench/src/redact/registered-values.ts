import { seededRandom } from "../measure/random.ts";

/** What is registered: tokens, tokens that all begin alike as those of one issuer do, or five kinds in turn. */
export type Mixture = "tokens" | "issued" | "mixed";

type Random = () => number;

const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
/** What JSON, URLs and HTML each write differently. */
const punctuated = `${letters}"\\%&<>+/ '!#`;

/** Made-up values, the same in every run, all different; another seed gives others. */
export function registeredValues(count: number, mixture: Mixture, seed = 1): readonly string[] {
  const random = seededRandom(seed);
  return Array.from({ length: count }, (_, index) => {
    const kinds = mixtures[mixture];
    return flat((kinds[index % kinds.length] ?? token)(random));
  });
}

/** Characters of an alphabet. */
export function randomText(length: number, alphabet: string, random: Random): string {
  return Array.from({ length }, () => alphabet[Math.floor(random() * alphabet.length)] ?? "").join("");
}

/** A string in one piece, as one read from a store is: a concatenation would hold its parts. */
export function flat(text: string): string {
  return Buffer.from(text, "utf8").toString("utf8");
}

type Make = (random: Random) => string;

const mixtures: Readonly<Record<Mixture, readonly Make[]>> = {
  tokens: [token],
  issued: [issuedToken],
  mixed: [token, longPassword, uuid, shortPassword, privateKey],
};

function token(random: Random): string {
  return randomText(36, letters, random);
}

function issuedToken(random: Random): string {
  return `tok_${randomText(32, letters, random)}`;
}

function longPassword(random: Random): string {
  return `${randomText(4, letters, random)}"\\%${randomText(14, punctuated, random)}${randomText(3, letters, random)}`;
}

function shortPassword(random: Random): string {
  return randomText(12, letters, random);
}

function uuid(random: Random): string {
  return [8, 4, 4, 4, 12].map((length) => randomText(length, "0123456789abcdef", random)).join("-");
}

function privateKey(random: Random): string {
  const label = `${"PRIVATE"} KEY-----`;
  const body = [64, 64, 36].map((length) => randomText(length, letters, random)).join("\n");
  return `-----BEGIN ${label}\n${body}\n-----END ${label}\n`;
}
