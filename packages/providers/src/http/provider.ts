import type { Provider, ProviderHost, ProviderResult, SecretPayload, Supports } from "@tacit/core/provider";
import { assertCurrent, notFound, unlessHeld } from "../shared/answer.ts";
import type { HttpAnswer } from "../shared/http/answer.ts";
import { assertJsonAnswer, jsonAt, jsonBytes, jsonObjectFields } from "../shared/json-content.ts";
import { createStoreProvider } from "../shared/store/store-provider.ts";
import { type AddressTemplate, checkPath, parseAddress, queryFor } from "./address.ts";
import { createHttpApi } from "./api.ts";
import { missingPart, notObject } from "./errors.ts";
import type { HttpOptions } from "./options.ts";

/** What an `http` provider with these options can do. */
export function httpSupports({ payload }: Pick<HttpOptions, "payload">): Supports {
  return { payload, versions: false, subscribe: false, conditional: true, defaultPollMs: 60_000 };
}

/** Opens a provider; nothing is asked before the first call. @throws {SecretError} INVALID_CONFIG for an address that cannot be used */
export function openHttpProvider(options: HttpOptions, host: ProviderHost): Provider {
  // The schema has let it through.
  const address = parseAddress(options.url) as AddressTemplate;
  const api = createHttpApi(address.origin, options, host);
  return createStoreProvider(
    {
      store: "the store",
      supports: httpSupports(options),
      api,
      options,
      async get(request, context): Promise<ProviderResult> {
        const path = checkPath(request.path);
        assertCurrent(request, "a store over HTTP is asked only for the current version");
        const headers = { accept: "application/json, */*;q=0.5" };
        const question = { path: address.path, values: { path }, query: queryFor(address, path), headers };
        const answer = await api.findChanged({ ...question, accept: [gone] }, [request], context);
        // Gateways and ingresses write a 404 of their own where they have no route, also in JSON; none writes a 410.
        if (answer === undefined) return { status: "not-found", definitive: false };
        if (answer.status === gone) return notFound;
        if (answer.status === 304) return { status: "not-modified", version: request.ifVersion ?? "" };
        const payload = payloadOf(answer, options);
        const version = versionOf(answer, options) ?? host.contentVersion(payload);
        const result = { status: "ok", payload, version } as const;
        return api.remember(path, version, answer) ? unlessHeld(result, request) : result;
      },
      async check(context) {
        // Nobody knows a path that is there; any answer of the store to one that is not is proof enough.
        const request = { path: address.path, values: { path: probe }, query: queryFor(address, probe) };
        await api.request({ ...request, accept: [403, 404, gone] }, context);
      },
      grantOf: (path) => `GET of "${path}" for the login of \`auth\``,
    },
    host,
  );
}

const gone = 410;
const probe = "tacit-probe";

/** @throws {SecretError} INVALID_VALUE; INTERNAL `malformed-answer` for what is no JSON where JSON is read */
function payloadOf(answer: HttpAnswer, { payload, select }: HttpOptions): SecretPayload {
  if (payload === "value" && select === undefined) return { kind: "value", bytes: answer.content() };
  const source = selected(answer, "select", select);
  if (payload === "value") return { kind: "value", bytes: jsonBytes(source) };
  if (!source.startsWith("{")) throw notObject(select);
  return { kind: "fields", fields: jsonObjectFields(source) };
}

function versionOf(answer: HttpAnswer, { version }: HttpOptions): string | undefined {
  if (version === undefined) return undefined;
  const told = Buffer.from(jsonBytes(selected(answer, "version", version))).toString();
  // The same for all contents, it would make each change go unseen.
  if (told === "") throw missingPart("version", version);
  return told;
}

function selected(answer: HttpAnswer, option: "select" | "version", pointer = ""): string {
  assertJsonAnswer(answer);
  const source = jsonAt(answer.text(), pointer);
  if (source !== undefined && (source !== "null" || pointer === "")) return source;
  throw missingPart(option, pointer);
}
