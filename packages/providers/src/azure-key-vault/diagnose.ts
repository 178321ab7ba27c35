import { type CallContext, type Finding, isSecretError, type ProviderHost } from "@tacit/core/provider";
import type { AzureVault } from "../shared/cloud/azure-vault.ts";
import type { RecentPaths } from "../shared/recent-paths.ts";
import type { StoreIdentity } from "../shared/store/store-findings.ts";
import type { VersionFacts } from "./api.ts";
import type { AzureKeyVaultOptions } from "./options.ts";
import { secretNames } from "./path.ts";

/** What is looked at. */
export interface Diagnosis {
  readonly vault: AzureVault;
  /** path -> what the vault told of it last */
  readonly facts: RecentPaths<VersionFacts>;
  readonly options: Pick<AzureKeyVaultOptions, "honorExpiry">;
  readonly host: Pick<ProviderHost, "clock">;
}

/** Tells whom the vault takes this process for. */
export function identityOf({ identity }: AzureVault): StoreIdentity {
  const { client, object, tenant } = identity;
  return {
    who: `the application ${client ?? "<unknown>"}, object ${object ?? objectId}, of the tenant ${tenant ?? "<unknown>"}`,
  };
}

/** The command that lets this identity read one secret. */
export function grantOf({ name, identity }: AzureVault, path: string): string {
  const scope = `"$(az keyvault show --name ${name} --query id --output tsv)/secrets/${secretNames.parse(path).name}"`;
  return `az role assignment create --role "Key Vault Secrets User" --assignee-object-id ${identity.object ?? objectId} --assignee-principal-type ServicePrincipal --scope ${scope}`;
}

/** Tells of a foreign tenant, and of secrets that end or were deleted. @throws {SecretError} what a request throws */
export async function findingsOf(
  it: Diagnosis,
  paths: readonly string[],
  context: CallContext,
): Promise<readonly Finding[]> {
  const names = new Set(paths.map((path) => secretNames.parse(path).name));
  const found = [...tenantFindings(it.vault), ...paths.flatMap((path) => endFindings(it, path))];
  for (const name of names) found.push(...(await deletedFindings(it.vault, name, context)));
  return found;
}

function tenantFindings({ identity: { tenant, vaultTenant } }: AzureVault): readonly Finding[] {
  if (vaultTenant === undefined || tenant === undefined || vaultTenant === tenant) return [];
  return [
    {
      level: "error",
      code: "tenant",
      message: `the vault belongs to the tenant ${vaultTenant}, but this identity does not`,
      tip: "Use an identity of that tenant, or another vault: Key Vault trusts only its own tenant.",
    },
  ];
}

/** A vault gives a secret also after its end. */
function endFindings({ facts, host, options }: Diagnosis, path: string): readonly Finding[] {
  const end = facts.get(path)?.expiresAt;
  const leftMs = end === undefined ? Number.POSITIVE_INFINITY : end.getTime() - host.clock.now();
  if (end === undefined || leftMs > nearMs) return [];
  const consequence = options.honorExpiry ? "is no longer served" : "is still served, because `honorExpiry` is not set";
  const what =
    leftMs > 0
      ? ({ level: "warning", code: "secret-ends", message: `"${path}" ends at ${end.toISOString()}` } as const)
      : ({
          level: "error",
          code: "secret-expired",
          message: `"${path}" ended at ${end.toISOString()}, and ${consequence}`,
        } as const);
  return [{ ...what, tip: "Set a new version with a later end." }];
}

/** Whether it was deleted and can be recovered; of no concern where that may not be asked. */
async function deletedFindings(vault: AzureVault, name: string, context: CallContext): Promise<readonly Finding[]> {
  try {
    const answer = await vault.find({ path: "/deletedsecrets/{name}", values: { name } }, context);
    if (answer === undefined) return [];
  } catch (error) {
    if (isSecretError(error, "PERMISSION_DENIED", "INTERNAL")) return [];
    throw error;
  }
  return [
    {
      level: "error",
      code: "secret-deleted",
      message: `"${name}" was deleted and can still be recovered`,
      tip: `az keyvault secret recover --vault-name ${vault.name} --name ${name}`,
    },
  ];
}

/** A placeholder until it is known. */
const objectId = "<object id>";
/** As Event Grid announces an end. */
const nearMs = 30 * 86_400_000;
