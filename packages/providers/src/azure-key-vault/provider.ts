import type { CallContext, Provider, ProviderHost, ProviderResult, ReadRequest, Supports } from "@tacit/core/provider";
import { SecretError } from "@tacit/core/provider";
import { notFound } from "../shared/answer.ts";
import { AzureLogin } from "../shared/cloud/azure-login.ts";
import { RecentPaths } from "../shared/recent-paths.ts";
import { createStoreProvider } from "../shared/store/store-provider.ts";
import { KeyVaultApi } from "./api.ts";
import { Diagnosis } from "./diagnose.ts";
import type { AzureKeyVaultOptions } from "./options.ts";
import { isVersion, parsePath } from "./path.ts";
import { assertValid, listVersions, readVersion, type SecretVersion, type VersionFacts } from "./secret.ts";

/** What an `azure-key-vault` provider can do. */
export const azureKeyVaultSupports: Supports = {
  payload: "value",
  versions: true,
  subscribe: false,
  conditional: false,
  defaultPollMs: 300_000,
};

/** Opens a provider; nothing is asked before the first call. @throws {SecretError} INVALID_CONFIG */
export function openAzureKeyVaultProvider(
  options: AzureKeyVaultOptions,
  host: ProviderHost,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Provider {
  const api = new KeyVaultApi(options, new AzureLogin(options.auth, environment), host);
  /** path -> what the vault told of it last */
  const facts = new RecentPaths<VersionFacts>(mostPaths);
  const toResult = (path: string, found: SecretVersion | undefined): ProviderResult => {
    if (found === undefined) return notFound;
    facts.add(path, found);
    if (options.honorExpiry) assertValid(found, host);
    const { payload, version, createdAt, expiresAt } = found;
    return { status: "ok", payload, version, createdAt, ...(options.honorExpiry && { expiresAt }) };
  };
  const diagnosis = new Diagnosis({ api, facts, options, host });
  return createStoreProvider(
    {
      store: "Key Vault",
      supports: azureKeyVaultSupports,
      api: api.store,
      options,
      get: async (request, context) => toResult(request.path, await read(api, request, context)),
      async check(context) {
        // Whoever may read secrets need not be allowed to list them.
        await api.find({ path: "/secrets/{name}", values: { name: "tacit-probe" }, accept: [403] }, context);
      },
      findings: (context, paths) => diagnosis.findings(paths, context),
      grantOf: (path) => diagnosis.grantOf(path),
      more: { place: (path) => `secret ${JSON.stringify(path)} of the vault "${api.name}"` },
    },
    host,
  );
}

const mostPaths = 50;

async function read(
  api: KeyVaultApi,
  { path, version }: ReadRequest,
  context: CallContext,
): Promise<SecretVersion | undefined> {
  const { name, version: pinned } = parsePath(path);
  if (version === "current") return readVersion(api, { name, version: pinned }, context);
  if (version !== "previous")
    return isVersion(version.id) ? readVersion(api, { name, version: version.id }, context) : undefined;
  if (pinned !== undefined) throw noPrevious();
  return previous(api, name, context);
}

/** The newest version that is enabled, the current one apart: which one that is does not follow from times that are exact to the second. */
async function previous(api: KeyVaultApi, name: string, context: CallContext): Promise<SecretVersion | undefined> {
  const current = await readVersion(api, { name, version: undefined }, context);
  if (current === undefined) return undefined;
  const age = ({ createdAt }: VersionFacts): number => createdAt?.getTime() ?? 0;
  const older = (await listVersions(api, name, context))
    .filter((each) => each.version !== current.version && each.isEnabled && age(each) <= age(current))
    .sort((one, other) => age(other) - age(one));
  return older[0] === undefined ? undefined : readVersion(api, { name, version: older[0].version }, context);
}

function noPrevious(): SecretError {
  return new SecretError("UNSUPPORTED", "a path that names one version has no previous version", {
    reason: "versions",
    tip: "Bind the name to the secret itself, or the previous version to a name of its own.",
  });
}
