import type { CallContext, Provider, ProviderHost, ProviderResult, Supports } from "@tacit/core/provider";
import { notFound } from "../shared/answer.ts";
import { AzureLogin } from "../shared/cloud/azure-login.ts";
import { AzureVault } from "../shared/cloud/azure-vault.ts";
import { RecentPaths } from "../shared/recent-paths.ts";
import { readPinned, type VersionReads } from "../shared/store/pinned-versions.ts";
import { createStoreProvider } from "../shared/store/store-provider.ts";
import { assertValid, listVersions, readVersion, type SecretVersion, type VersionFacts } from "./api.ts";
import { findingsOf, grantOf, identityOf } from "./diagnose.ts";
import type { AzureKeyVaultOptions } from "./options.ts";
import { secretNames } from "./path.ts";

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
  const vault = new AzureVault(options, rights, new AzureLogin(options.auth, environment), host);
  /** path -> what the vault told of it last */
  const facts = new RecentPaths<VersionFacts>(mostPaths);
  const toResult = (path: string, found: SecretVersion | undefined): ProviderResult => {
    if (found === undefined) return notFound;
    facts.add(path, found);
    if (options.honorExpiry) assertValid(found, host);
    const { payload, version, createdAt, expiresAt } = found;
    return { status: "ok", payload, version, createdAt, ...(options.honorExpiry && { expiresAt }) };
  };
  const versions: VersionReads<SecretVersion> = {
    version: (name, version, context) => readVersion(vault, { name, version }, context),
    previous: (name, context) => previous(vault, name, context),
  };
  return createStoreProvider(
    {
      store: "Key Vault",
      supports: azureKeyVaultSupports,
      api: vault.store,
      options,
      get: async (request, context) =>
        toResult(request.path, await readPinned(request, secretNames, versions, context)),
      async check(context) {
        // Whoever may read secrets need not be allowed to list them.
        await vault.find({ path: "/secrets/{name}", values: { name: "tacit-probe" }, accept: [403] }, context);
      },
      identity: async () => identityOf(vault),
      findings: (context, paths) => findingsOf({ vault, facts, options, host }, paths, context),
      grantOf: (path) => grantOf(vault, path),
      more: { place: (path) => `secret ${JSON.stringify(path)} of the vault "${vault.name}"` },
    },
    host,
  );
}

const mostPaths = 50;
const rights = {
  collection: "secrets",
  what: "read the secret",
  role: "Key Vault Secrets User",
  permission: "--secret-permissions get",
} as const;

/** The newest version that is enabled, the current one apart: which one that is does not follow from times that are exact to the second. */
async function previous(vault: AzureVault, name: string, context: CallContext): Promise<SecretVersion | undefined> {
  const current = await readVersion(vault, { name, version: undefined }, context);
  if (current === undefined) return undefined;
  const age = ({ createdAt }: VersionFacts): number => createdAt?.getTime() ?? 0;
  const older = (await listVersions(vault, name, context))
    .filter((each) => each.version !== current.version && each.isEnabled && age(each) <= age(current))
    .sort((one, other) => age(other) - age(one));
  return older[0] === undefined ? undefined : readVersion(vault, { name, version: older[0].version }, context);
}
