import { loadOnce } from "../shared/load-once.ts";
import { ruleError } from "./errors.ts";
import type { CommentTest } from "./tree.ts";

/** Which values of a file are encrypted. */
export interface EncryptionRule {
  /** Whether a value is encrypted by the keys on the way to it; undefined where comments decide. */
  isEncrypted(path: readonly string[]): boolean | undefined;
  /** What comments decide: whether one that matches says that what it stands at is encrypted, or that it is not. */
  readonly comments?: { readonly matches: CommentTest; readonly encrypts: boolean } | undefined;
}

/**
 * Makes a rule as a file has it. A regular expression is matched in linear time, whatever it is: nothing of the file is verified yet.
 * @throws {SecretError} INVALID_VALUE `encryption-rule`
 */
export async function createRule(name: string, text: string): Promise<EncryptionRule> {
  const encrypts = name.startsWith("encrypted_");
  if (name.endsWith("_comment_regex"))
    return { isEncrypted: () => undefined, comments: { matches: await regexOf(name, text), encrypts } };
  const matches = name.endsWith("_suffix") ? (key: string): boolean => key.endsWith(text) : await regexOf(name, text);
  /** A key stands in many paths. */
  const known = new Map<string, boolean>();
  const matchesKey = (key: string): boolean => {
    const found = known.get(key) ?? matches(key);
    known.set(key, found);
    return found;
  };
  return { isEncrypted: (path) => path.some(matchesKey) === encrypts };
}

/** Far above what teams write; each character costs a step for each character of a key. */
const longestRegex = 1000;
const longestKey = 1000;

const loadRegex = loadOnce(() => import("re2js"));

async function regexOf(name: string, text: string): Promise<(key: string) => boolean> {
  if (text.length > longestRegex)
    throw ruleError(`has a rule ${name} of more than ${longestRegex} characters`, "Shorten it, with sops.");
  const literals = /^\^\(([\w-]+(?:\|[\w-]+)*)\)\$$/.exec(text)?.[1]?.split("|");
  if (literals !== undefined) return (key) => literals.includes(key);
  const { RE2JS } = await loadRegex();
  try {
    const regex = RE2JS.compile(text);
    return (key) => {
      if (key.length > longestKey)
        throw ruleError(
          `has a rule ${name} and a key or a comment of more than ${longestKey} characters`,
          "Shorten it, with sops.",
        );
      return regex.matcher(key).find();
    };
  } catch {
    throw ruleError(`has a rule ${name} that is not a Go regular expression`, "Correct it, with sops.");
  }
}
