import {
  type CallContext,
  type Finding,
  isSecretError,
  type Provider,
  type ProviderHost,
  type ProviderResult,
  type ReadRequest,
  type SecretError,
  type Supports,
} from "@tacit/core/provider";
import { assertCurrent, eachOf, notFound, unlessHeld } from "../shared/answer.ts";
import type { HttpAnswer } from "../shared/http/answer.ts";
import { jsonBytes, membersAlone } from "../shared/json-content.ts";
import { quoted } from "../shared/quoted.ts";
import type { StoreApi } from "../shared/store/store-api.ts";
import { tokenFindings } from "../shared/store/store-findings.ts";
import { createStoreProvider } from "../shared/store/store-provider.ts";
import { createDopplerApi } from "./api.ts";
import { checkName, isName } from "./name.ts";
import type { DopplerOptions } from "./options.ts";

/** What a `doppler` provider can do. */
export const dopplerSupports: Supports = {
  payload: "value",
  versions: false,
  subscribe: false,
  conditional: true,
  // A config is answered whole, however many of its secrets are asked for.
  batch: 100,
  defaultPollMs: 60_000,
};

/** Opens a provider; nothing is asked before the first call. @throws {SecretError} INVALID_CONFIG for an address that cannot be used */
export function openDopplerProvider(options: DopplerOptions, host: ProviderHost): Provider {
  const { project, config } = options;
  const api = createDopplerApi(options, host);
  /** @see https://docs.doppler.com/reference/secrets-download */
  const download = async (held: readonly ReadRequest[], context: CallContext): Promise<HttpAnswer> => {
    const request = { path: "/v3/configs/config/secrets/download", query: { format: "json", project, config } };
    // What is not in a config is told with 200.
    return (await api.findChanged(request, held, context)) as HttpAnswer;
  };
  const resultsOf = (answer: HttpAnswer): ((request: ReadRequest) => ProviderResult) => {
    if (answer.status === 304) return ({ ifVersion = "" }) => ({ status: "not-modified", version: ifVersion });
    let secrets: Secrets | undefined;
    return (request) => {
      secrets ??= secretsOf(answer, options);
      const value = secretIn(secrets, request.path, answer);
      if (value === undefined) return notFound;
      const payload = { kind: "value", bytes: value } as const;
      const version = host.contentVersion(payload);
      api.remember(request.path, version, answer);
      return unlessHeld({ status: "ok", payload, version }, request);
    };
  };
  return createStoreProvider(
    {
      store: "Doppler",
      supports: dopplerSupports,
      api,
      options,
      async get(request, context) {
        checkName(request.path);
        assertCurrent(request, "Doppler is asked only for the current version");
        return resultsOf(await download([request], context))(request);
      },
      more: {
        async getMany(requests, context) {
          const resultOf = resultsOf(await download(requests, context));
          return eachOf(requests, (request) => {
            checkName(request.path);
            return resultOf(request);
          });
        },
      },
      async check(context) {
        await api.request(me, context);
      },
      findings: (context) => identityFindings(api, context),
      grantOf: () =>
        `read access to ${config === undefined ? "the config of the token" : `config "${config}" of "${project}"`}`,
    },
    host,
  );
}

/** The members of a config, as they are written. */
type Secrets = ReturnType<typeof membersAlone>;

/** @throws {SecretError} INTERNAL `malformed-answer` for another config */
function secretsOf(answer: HttpAnswer, { project, config }: Pick<DopplerOptions, "project" | "config">): Secrets {
  const secrets = membersAlone(answer);
  if (differs(secrets.get("DOPPLER_PROJECT"), project) || differs(secrets.get("DOPPLER_CONFIG"), config))
    throw answer.malformed("another config");
  return secrets;
}

/** Undefined where the config has no such secret. */
function secretIn(secrets: Secrets, path: string, answer: HttpAnswer): Uint8Array | undefined {
  const secret = secrets.get(path);
  if (isSecretError(secret)) throw secret;
  if (secret === undefined) {
    // Each config has names of Doppler's own in it; only a config proves that something else is missing.
    const isConfig = [...secrets].some(([name, source]) => isName(name) && isText(source));
    if (!isConfig) throw answer.malformed("no config");
    return undefined;
  }
  if (!isText(secret)) throw answer.malformed("a secret that is not text");
  return jsonBytes(secret);
}

/** Whether a config says that it is another one than was asked for; one that does not say it may be any. */
function differs(told: string | SecretError | undefined, wanted: string | undefined): boolean {
  return isText(told) && wanted !== undefined && JSON.parse(told) !== wanted;
}

function isText(source: string | SecretError | undefined): source is string {
  return typeof source === "string" && source.startsWith('"');
}

const me = { path: "/v3/me" };

/** Tells whose token it is. Its slug and name are no secret. */
async function identityFindings(api: StoreApi, context: CallContext): Promise<readonly Finding[]> {
  const { type, name } = (await api.request(me, context)).record();
  if (typeof type !== "string" || !/^[\w -]+$/.test(type) || typeof name !== "string") return [];
  const tip =
    "Use a read-only service token of one config, or a service account: this token ends when the person loses access.";
  const personal = { code: "personal-login", message: "the token belongs to a person", tip };
  const identity = `Doppler identifies this login as ${type} ${quoted(name)}`;
  return tokenFindings(identity, /^(personal|cli)/.test(type) ? personal : undefined);
}
