import type { CredentialSource } from "../contract/contract.ts";
import { isSecretError } from "../error/secret-error.ts";
import type { ConfigProblem } from "./config-problem.ts";
import { isCredentialSource, looksLikeSource, readCredential } from "./credential.ts";
import { deepest } from "./json-document.ts";
import { isRecord, type JsonPath } from "./json-path.ts";

/** A copy of a document in which sources are replaced by their text. */
export interface ResolvedDocument {
  readonly value: unknown;
  /** The paths of the sources, whose text may have to be converted to a number or boolean. */
  readonly sources: readonly JsonPath[];
  readonly problems: readonly ConfigProblem[];
}

/** The context of the copy. */
export interface ResolveContext {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Decides for each path whether to replace a source, to keep it, or to report a problem. */
  decide(path: JsonPath, value: unknown): "resolve" | "keep" | ConfigProblem;
}

/**
 * Copies a document and replaces `{"$env"}` and `{"$file"}` by their text. The copy has no `__proto__` members and no cycles, and
 * is independent of the original. Parts with a problem are `undefined` in it.
 */
export async function resolveSources(document: unknown, context: ResolveContext): Promise<ResolvedDocument> {
  const walk = new SourceWalk(context);
  try {
    const value = await walk.copy(document, [], []);
    return { value, sources: walk.sources, problems: walk.problems };
  } catch {
    // Only code in the document can throw: a getter, or a Proxy. Its error is not reported.
    return { value: undefined, sources: [], problems: [...walk.problems, unreadable] };
  }
}

const unreadable: ConfigProblem = {
  path: [],
  message: "has a member that throws when it is read",
  reason: "source",
  tip: "Pass plain data: no getters, no proxies.",
};

/** Far more than any real document has, and far fewer than one with nested aliases can expand to. */
const mostMembers = 100_000;

class SourceWalk {
  readonly sources: JsonPath[] = [];
  readonly problems: ConfigProblem[] = [];
  readonly #context: ResolveContext;
  #left = mostMembers;

  constructor(context: ResolveContext) {
    this.#context = context;
  }

  async copy(value: unknown, path: JsonPath, ancestors: readonly unknown[]): Promise<unknown> {
    const decision = this.#context.decide(path, value);
    if (typeof decision === "object") return this.#report(decision);
    if (typeof value !== "object" || value === null) return value;
    if (--this.#left < 0 || path.length > deepest || ancestors.includes(value)) return this.#report(tooLarge(path));
    if (decision === "resolve" && looksLikeSource(value)) return await this.#resolve(value, path);
    if (Array.isArray(value)) return await this.#elements(value, path, [...ancestors, value]);
    return isRecord(value) ? await this.#members(value, path, [...ancestors, value]) : value;
  }

  async #elements(list: readonly unknown[], path: JsonPath, ancestors: readonly unknown[]): Promise<unknown[]> {
    const copies: unknown[] = [];
    for (const [index, element] of list.entries()) copies.push(await this.copy(element, [...path, index], ancestors));
    return copies;
  }

  async #members(record: object, path: JsonPath, ancestors: readonly unknown[]): Promise<object> {
    const copies: Record<string, unknown> = {};
    for (const [key, value] of Object.entries(record)) {
      if (key === "__proto__") this.#report(unknownKey(path, key));
      else if (value !== undefined) copies[key] = await this.copy(value, [...path, key], ancestors);
    }
    return copies;
  }

  async #resolve(source: object, path: JsonPath): Promise<string | undefined> {
    if (!isCredentialSource(source)) return this.#report(malformedSource(path));
    if ("$secret" in source) return this.#report(secretSource(path));
    try {
      const text = await readText(source, this.#context.env);
      this.sources.push(path);
      return text;
    } catch (error) {
      return this.#report(unresolved(path, error));
    }
  }

  #report(problem: ConfigProblem): undefined {
    this.problems.push(problem);
  }
}

async function readText(source: CredentialSource, env: ResolveContext["env"]): Promise<string> {
  return new TextDecoder("utf-8", { fatal: true }).decode(await readCredential(source, { env }));
}

function unresolved(path: JsonPath, error: unknown): ConfigProblem {
  if (!isSecretError(error)) return { path, message: "refers to content that is not UTF-8 text", reason: "unresolved" };
  return { path, message: error.message, reason: "unresolved", tip: error.tip };
}

function unknownKey(path: JsonPath, key: string): ConfigProblem {
  return { path: [...path, key], message: "is not a known key", reason: "unknown-key", tip: "Remove it." };
}

function malformedSource(path: JsonPath): ConfigProblem {
  return {
    path,
    message: "is not a source: it must have exactly one of `$env` and `$file`, with non-empty text",
    reason: "source",
    tip: 'Write {"$env": "VARIABLE"} or {"$file": "/path"}, with no other member.',
  };
}

function secretSource(path: JsonPath): ConfigProblem {
  return {
    path,
    message: "`$secret` cannot be used here",
    reason: "secret-source",
    tip: "Only an adapter's credential options may name another secret; use `$env` or `$file`.",
  };
}

function tooLarge(path: JsonPath): ConfigProblem {
  return {
    path,
    message: "is nested too deeply, too large, or contains itself",
    reason: "too-large",
    tip: "Write the document flat; YAML aliases must not form a cycle.",
  };
}
