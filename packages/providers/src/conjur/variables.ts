import {
  type CallContext,
  isSecretError,
  type ProviderHost,
  type ProviderResult,
  type ReadRequest,
  SecretError,
} from "@tacit/core/provider";
import { assertCurrent, contentResult, notFound, type OkResult } from "../shared/answer.ts";
import { base64Bytes } from "../shared/base64.ts";
import { type Member, readTogether, singly } from "../shared/batch.ts";
import { epochDate } from "../shared/epoch-date.ts";
import type { HttpAnswer } from "../shared/http/answer.ts";
import { strictRecord } from "../shared/json-content.ts";
import type { StoreApi } from "../shared/store/store-api.ts";
import { checkPath, isDynamic } from "./path.ts";

type Host = Pick<ProviderHost, "clock" | "contentVersion">;

/** Reads the variables of one account, one by one and several in one call. */
export class Variables {
  readonly #api: StoreApi;
  readonly #account: string;
  readonly #host: Host;

  constructor(api: StoreApi, account: string, host: Host) {
    this.#api = api;
    this.#account = account;
    this.#host = host;
  }

  /**
   * Reads any version of one variable. A version is what its content tells, as an answer does not say its number; a number is
   * taken for the one that Conjur counts.
   */
  async read(request: ReadRequest, context: CallContext): Promise<ProviderResult> {
    const { path, version } = request;
    checkPath(path);
    if (isDynamic(path)) assertCurrent(request, "secrets that Conjur issues have no versions");
    if (version === "current") return (await this.#readOne(request, undefined, context)) ?? unsure;
    if (version === "previous") {
      const [, previous] = await this.#numbers(path, context);
      return (previous === undefined ? undefined : await this.#readOne({ path }, previous, context)) ?? notFound;
    }
    if (/^\d{1,9}$/.test(version.id)) return this.#readNumber(path, Number(version.id), context);
    for (const number of await this.#numbers(path, context)) {
      const found = await this.#readOne({ path }, number, context);
      if (found?.status === "ok" && found.version === version.id) return found;
    }
    return notFound;
  }

  /** Reads the current versions of several variables. */
  readMany(requests: readonly ReadRequest[], context: CallContext): Promise<readonly Member[]> {
    const alone = (request: ReadRequest): Promise<ProviderResult> => this.read(request, context);
    const together = async (asked: readonly ReadRequest[]): Promise<ReadonlyMap<string, Member> | undefined> => {
      const inBatch = asked.filter(({ path }) => !path.includes(idsBorder));
      const found = inBatch.length > 1 ? await this.#readBatch(inBatch, context) : undefined;
      if (found === undefined) return undefined;
      const others = asked.filter(({ path }) => !found.has(path));
      return new Map([...found, ...(await singly(others, { alone }, context))]);
    };
    return readTogether(requests, { check: checkPath, together, alone }, context);
  }

  /** A version that is pinned by its number bears that number. */
  async #readNumber(path: string, number: number, context: CallContext): Promise<ProviderResult> {
    const found = await this.#readOne({ path }, number, context);
    return found?.status === "ok" ? { ...found, version: String(number) } : notFound;
  }

  /** Undefined where Conjur does not show this role such a variable, or such a version of it. */
  async #readOne(
    request: Pick<ReadRequest, "path" | "ifVersion">,
    version: number | undefined,
    context: CallContext,
  ): Promise<ProviderResult | undefined> {
    const values = { account: this.#account, path: request.path };
    const question = { path: "/secrets/{account}/variable/{*path}", values, query: { version } };
    const answer = await this.#api.find({ ...question, headers: { accept: "*/*" } }, context);
    if (answer === undefined) return undefined;
    const bytes = answer.content();
    // Conjur holds no empty value.
    if (bytes.byteLength === 0) throw answer.malformed("nothing");
    return this.#resultOf(request, bytes);
  }

  #resultOf(request: Pick<ReadRequest, "path" | "ifVersion">, bytes: Uint8Array): ProviderResult {
    return contentResult({ kind: "value", bytes }, request, this.#host, endOf(request.path, bytes, this.#host));
  }

  /** The numbers of the versions that Conjur keeps, newest first. Whoever may read a variable is shown them. */
  async #numbers(path: string, context: CallContext): Promise<readonly number[]> {
    const values = { account: this.#account, path };
    const answer = await this.#api.find({ path: "/resources/{account}/variable/{*path}", values }, context);
    if (answer === undefined) return [];
    const { secrets } = strictRecord(answer);
    if (!Array.isArray(secrets)) throw answer.malformed("no variable of Conjur");
    const numbers = secrets.map((secret) => Number(Object(secret).version)).filter(Number.isSafeInteger);
    return numbers.toSorted((one, other) => other - one).slice(0, mostVersions);
  }

  /**
   * Reads several variables in one call. Conjur refuses all for one that is missing or denied: then undefined, and each is to be read
   * alone, as is one that cannot be decoded. Base64 is asked for, since a value need not be text.
   * @see https://docs.cyberark.com/conjur-open-source/latest/en/content/developer/conjur_api_batch_retrieve.htm
   */
  async #readBatch(
    requests: readonly ReadRequest[],
    context: CallContext,
  ): Promise<ReadonlyMap<string, ProviderResult> | undefined> {
    const idOf = (path: string): string => `${this.#account}:variable:${path}`;
    const query = { variable_ids: requests.map(({ path }) => idOf(path)).join(idsBorder) };
    try {
      const answer = await this.#api.find(
        { path: "/secrets", query, headers: { "accept-encoding": "base64" } },
        context,
      );
      if (answer === undefined) return undefined;
      const values = strictRecord(answer);
      const found = requests.flatMap((request) => {
        const bytes = decoded(Object.hasOwn(values, idOf(request.path)) ? values[idOf(request.path)] : "", answer);
        return bytes === undefined ? [] : [[request.path, this.#resultOf(request, bytes)] as const];
      });
      return new Map(found);
    } catch (error) {
      // A single read tells what is wrong with which of them.
      if (isSecretError(error, "PERMISSION_DENIED", "INVALID_VALUE") || isRefusedWhole(error)) return undefined;
      throw error;
    }
  }
}

/** Conjur says the same of a variable that is not there and of one that this role does not see. */
const unsure: ProviderResult = { status: "not-found", definitive: false };
/** As many as Conjur keeps. */
const mostVersions = 20;
/** Parts the ids of a batch; one that has it itself is read alone. */
const idsBorder = ",";

/** 406 for a value that cannot be told, 414 and 422 for ids that cannot be asked for together; and values that are too large together. */
function isRefusedWhole(error: unknown): boolean {
  return isSecretError(error, "INTERNAL") && /^(unexpected-status|answer-too-large)$/.test(error.reason ?? "");
}

/** An older Conjur, or a proxy that removes the header, answers text as it is. Undefined for what is no base64 where it is said to be. */
function decoded(value: unknown, answer: HttpAnswer): Uint8Array | undefined {
  if (typeof value !== "string" || value === "") return undefined;
  const isBase64 = answer.header("content-encoding")?.toLowerCase() === "base64";
  // A line end stands after each 60 characters.
  return isBase64 ? base64Bytes(value.replaceAll("\n", "")) : new TextEncoder().encode(value);
}

/** What Conjur issues says how long it lives. */
function endOf(path: string, bytes: Uint8Array, { clock }: Pick<ProviderHost, "clock">): Pick<OkResult, "expiresAt"> {
  if (!isDynamic(path)) return {};
  try {
    const { ttl } = Object(JSON.parse(Buffer.from(bytes).toString())) as { readonly ttl?: unknown };
    const expiresAt = typeof ttl === "number" && ttl > 0 ? epochDate(clock.now() / 1000 + ttl) : undefined;
    return expiresAt === undefined ? {} : { expiresAt };
  } catch {
    throw new SecretError("INVALID_VALUE", "Conjur issued a value that is not JSON", { reason: "not-json" });
  }
}
