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
import { notFound } from "../shared/answer.ts";
import { GoogleLogin } from "../shared/cloud/google-login.ts";
import { createStoreProvider } from "../shared/store/store-provider.ts";
import { SecretManagerApi, type SecretVersion } from "./api.ts";
import { Diagnosis } from "./diagnose.ts";
import type { GcpSecretManagerOptions } from "./options.ts";
import { isVersion, latest, parsePath } from "./path.ts";

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
  const diagnosis = new Diagnosis(api, login, host);
  return createStoreProvider(
    {
      store: "Secret Manager",
      supports: gcpSecretManagerSupports,
      api: api.store,
      options,
      get: (request, context) => read(api, request, context),
      async check(context) {
        // Everybody may ask for rights, on a secret that is not there too.
        await api.permissions("tacit-probe", ["secretmanager.versions.access"], context);
      },
      findings: (context, paths) => diagnosis.findings(paths, context),
      grantOf: (path) => diagnosis.grantOf(path),
      more: { place: (path) => `secret ${JSON.stringify(path)} of ${api.parent}` },
    },
    host,
  );
}

async function read(
  api: SecretManagerApi,
  { path, version }: ReadRequest,
  context: CallContext,
): Promise<ProviderResult> {
  const { name, version: pinned } = parsePath(path);
  if (version === "current") return toResult(await api.access(name, pinned ?? latest, context));
  if (version !== "previous")
    return isVersion(version.id) ? toResult(await api.access(name, version.id, context)) : notFound;
  if (pinned !== undefined) throw noPrevious();
  return toResult(await previous(api, name, context));
}

/** The newest version before the latest that gives a value. Only reading is allowed, so they are asked one after the other. */
async function previous(api: SecretManagerApi, name: string, context: CallContext): Promise<SecretVersion | undefined> {
  const current = (await api.access(name, latest, context))?.number ?? 0;
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

function noPrevious(): SecretError {
  return new SecretError("UNSUPPORTED", "a path that names one version or alias has no previous version", {
    reason: "versions",
    tip: "Bind the name to the secret itself, or the previous version to a name of its own.",
  });
}
