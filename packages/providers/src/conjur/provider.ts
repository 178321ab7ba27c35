import {
  type CallContext,
  isSecretError,
  type Provider,
  type ProviderHost,
  type ProviderResult,
  type ReadRequest,
  SecretError,
  type Supports,
} from "@tacit/core/provider";
import { assertCurrent, eachOf, unlessHeld } from "../shared/answer.ts";
import { base64Bytes } from "../shared/base64.ts";
import { epochDate } from "../shared/epoch-date.ts";
import type { HttpAnswer } from "../shared/http/answer.ts";
import { assertJsonAnswer } from "../shared/json-content.ts";
import { quoted } from "../shared/quoted.ts";
import type { StoreApi } from "../shared/store/store-api.ts";
import { createStoreProvider } from "../shared/store/store-provider.ts";
import { createConjurApi } from "./api.ts";
import { type Environment, resolveConnection } from "./environment.ts";
import type { ConjurOptions } from "./options.ts";
import { checkPath, isDynamic } from "./path.ts";

/** What a `conjur` provider can do. */
export const conjurSupports: Supports = {
  payload: "value",
  versions: false,
  subscribe: false,
  conditional: true,
  // 50 ids of ordinary length are a URL that every proxy takes.
  batch: 50,
  defaultPollMs: 60_000,
};

/** Opens a provider; nothing is asked before the first call. @throws {SecretError} INVALID_CONFIG where nothing says where Conjur is or how to log in */
export function openConjurProvider(
  options: ConjurOptions,
  host: ProviderHost,
  environment: Environment = process.env,
): Provider {
  const connection = resolveConnection(options, environment);
  const { account, auth } = connection;
  const api = createConjurApi(connection, host);
  const resultOf = (request: ReadRequest, bytes: Uint8Array | undefined): ProviderResult => {
    if (bytes === undefined) return { status: "not-found", definitive: false };
    const payload = { kind: "value", bytes } as const;
    const version = host.contentVersion(payload);
    return unlessHeld({ status: "ok", payload, version, ...endOf(request.path, bytes, host) }, request);
  };
  const readOne = async (request: ReadRequest, context: CallContext): Promise<ProviderResult> => {
    const path = checkPath(request.path);
    assertCurrent(request, "Conjur is asked for the current version alone");
    const values = { account, path };
    const headers = { accept: "*/*" };
    const answer = await api.find({ path: "/secrets/{account}/variable/{*path}", values, headers }, context);
    return resultOf(request, answer === undefined ? undefined : bytesOf(answer));
  };
  return createStoreProvider(
    {
      store: "Conjur",
      supports: conjurSupports,
      api,
      options: connection.options,
      get: readOne,
      more: {
        isDynamic,
        async getMany(requests, context) {
          const inBatch = requests.filter(({ path }) => isBatchable(path));
          const found = inBatch.length > 1 ? await readBatch(api, account, inBatch, context) : undefined;
          return eachOf(requests, (request) => {
            const bytes = found?.get(request.path);
            return bytes === undefined ? readOne(request, context) : resultOf(request, bytes);
          });
        },
      },
      async check(context) {
        await api.request(whoAmI, context);
      },
      async findings(context) {
        const { username, account: its } = (await api.request(whoAmI, context)).record();
        const message = `Conjur knows this login as ${quoted(username)} of the account ${quoted(its)}`;
        return [{ level: "info", code: "identity", message }];
      },
      grantOf: (path) =>
        `- !permit { role: !host …, privileges: [ read, execute ], resource: !variable ${path} }, as a policy at the root`,
      usesServiceAccount: auth.method === "kubernetes" || (auth.method === "jwt" && isMounted(auth.token)),
    },
    host,
  );
}

const whoAmI = { path: "/whoami" };

/** A comma parts the ids of a batch; what no path is gets its own error. */
function isBatchable(path: string): boolean {
  try {
    return !checkPath(path).includes(",");
  } catch {
    return false;
  }
}

/**
 * Reads several variables in one call. Conjur refuses all for one that is missing or denied: then undefined, and each is to be read
 * alone. Base64 is asked for, since a value need not be text.
 * @see https://docs.cyberark.com/conjur-open-source/latest/en/content/developer/conjur_api_batch_retrieve.htm
 */
async function readBatch(
  api: StoreApi,
  account: string,
  requests: readonly ReadRequest[],
  context: CallContext,
): Promise<ReadonlyMap<string, Uint8Array> | undefined> {
  const idOf = (path: string): string => `${account}:variable:${path}`;
  const query = { variable_ids: requests.map(({ path }) => idOf(path)).join(",") };
  try {
    const answer = await api.find({ path: "/secrets", query, headers: { "accept-encoding": "base64" } }, context);
    if (answer === undefined) return undefined;
    assertJsonAnswer(answer);
    const values = answer.record();
    return new Map(
      requests.flatMap(({ path }) => {
        const value = Object.hasOwn(values, idOf(path)) ? values[idOf(path)] : undefined;
        const bytes = typeof value === "string" && value !== "" ? decoded(value, answer) : undefined;
        return bytes === undefined ? [] : [[path, bytes] as const];
      }),
    );
  } catch (error) {
    // A single read tells what is wrong with which of them.
    if (isSecretError(error, "PERMISSION_DENIED", "INVALID_VALUE") || isRefusedWhole(error)) return undefined;
    throw error;
  }
}

/** 406 for a value that cannot be told, 414 and 422 for ids that cannot be asked for together. */
function isRefusedWhole(error: unknown): boolean {
  return isSecretError(error, "INTERNAL") && error.reason === "unexpected-status";
}

/** An older Conjur, or a proxy that removes the header, answers text as it is. Undefined for what is no base64 where it is said to be. */
function decoded(value: string, answer: HttpAnswer): Uint8Array | undefined {
  const isBase64 = answer.header("content-encoding")?.toLowerCase() === "base64";
  if (!isBase64) return new TextEncoder().encode(value);
  // A line end stands after each 60 characters.
  return base64Bytes(value.replaceAll("\n", ""));
}

/** Conjur holds no empty value, and no page for people unless it is told that one is one. */
function bytesOf(answer: HttpAnswer): Uint8Array {
  const bytes = answer.bytes();
  if (bytes.byteLength === 0) throw answer.malformed("nothing");
  if (/^text\/html\b/i.test(answer.header("content-type") ?? "")) throw answer.malformed("a page in HTML");
  return bytes;
}

/** What Conjur issues says how long it lives. */
function endOf(path: string, bytes: Uint8Array, { clock }: Pick<ProviderHost, "clock">): { readonly expiresAt?: Date } {
  if (!isDynamic(path)) return {};
  try {
    const { ttl } = Object(JSON.parse(Buffer.from(bytes).toString())) as { readonly ttl?: unknown };
    const expiresAt = typeof ttl === "number" && ttl > 0 ? epochDate(clock.now() / 1000 + ttl) : undefined;
    return expiresAt === undefined ? {} : { expiresAt };
  } catch {
    throw new SecretError("INVALID_VALUE", "Conjur issued something that is no JSON", { reason: "not-json" });
  }
}

function isMounted(source: object): boolean {
  return "$file" in source && String(source.$file).startsWith("/var/run/secrets/kubernetes.io/serviceaccount/");
}
