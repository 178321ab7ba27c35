import {
  type CallContext,
  isSecretError,
  type Provider,
  type ProviderHost,
  type ProviderResult,
  type Supports,
} from "@tacit/core/provider";
import { notFound } from "../shared/answer.ts";
import { GoogleLogin } from "../shared/cloud/google-login.ts";
import { readPinned, type VersionReads } from "../shared/store/pinned-versions.ts";
import { createStoreProvider } from "../shared/store/store-provider.ts";
import { SecretManagerApi, type SecretVersion } from "./api.ts";
import { grantOf, identityOf, needlessRights } from "./diagnose.ts";
import type { GcpSecretManagerOptions } from "./options.ts";
import { secretNames } from "./path.ts";

/** What a `gcp-secret-manager` provider can do. */
export const gcpSecretManagerSupports: Supports = {
  payload: "value",
  versions: true,
  subscribe: false,
  // A secret that was made again counts from 1, so a number alone tells of no content.
  conditional: false,
  defaultPollMs: 300_000,
};

/** Opens a provider; nothing is asked before the first call. @throws {SecretError} INVALID_CONFIG */
export function openGcpSecretManagerProvider(
  options: GcpSecretManagerOptions,
  host: ProviderHost,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Provider {
  const login = new GoogleLogin(options.auth, environment);
  const api = new SecretManagerApi(options, login, environment, host);
  const versions: VersionReads<SecretVersion> = {
    version: (name, version, context) => api.access(name, version, context),
    previous: (name, context) => previous(api, name, context),
  };
  return createStoreProvider(
    {
      store: "Secret Manager",
      supports: gcpSecretManagerSupports,
      api: api.store,
      options,
      get: async (request, context) => toResult(await readPinned(request, secretNames, versions, context)),
      async check(context) {
        // Everybody may ask for rights, on a secret that is not there too.
        await api.permissions("tacit-probe", ["secretmanager.versions.access"], context);
      },
      identity: async ({ signal }) => identityOf(await login.member({ signal, host })),
      findings: (context, paths) => needlessRights(api, paths, context),
      grantOf: (path, id) => grantOf(api, path, id),
      more: { place: (path) => `secret ${JSON.stringify(path)} of ${api.parent}` },
    },
    host,
  );
}

/** The newest version before the latest that gives a value. Only reading is allowed, so they are asked one after the other. */
async function previous(api: SecretManagerApi, name: string, context: CallContext): Promise<SecretVersion | undefined> {
  const current = (await api.access(name, undefined, context))?.number ?? 0;
  for (let number = current - 1; number >= Math.max(1, current - mostSkipped); number -= 1) {
    const version = await api.access(name, `${number}`, context).catch((error: unknown) => {
      if (!isSecretError(error, "PERMISSION_DENIED") || error.reason !== "version-disabled") throw error;
      return undefined;
    });
    if (version !== undefined) return version;
  }
  return undefined;
}

/** Each is a call. */
const mostSkipped = 10;

function toResult(version: SecretVersion | undefined): ProviderResult {
  if (version === undefined) return notFound;
  return { status: "ok", payload: { kind: "value", bytes: version.bytes }, version: `${version.number}` };
}
