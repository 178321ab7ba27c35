import { type CallContext, type Finding, isSecretError, type ProviderHost } from "@tacit/core/provider";
import type { RecentPaths } from "../shared/recent-paths.ts";
import type { KeyVaultApi } from "./api.ts";
import type { AzureKeyVaultOptions } from "./options.ts";
import { parsePath } from "./path.ts";
import type { VersionFacts } from "./secret.ts";

/** What is looked at. */
export interface DiagnosisParts {
  readonly api: KeyVaultApi;
  /** path -> what the vault told of it last */
  readonly facts: RecentPaths<VersionFacts>;
  readonly options: Pick<AzureKeyVaultOptions, "honorExpiry">;
  readonly host: Pick<ProviderHost, "clock">;
}

/** What an operator should know of the identity, its rights, and the ends of secrets. */
export class Diagnosis {
  readonly #parts: DiagnosisParts;

  constructor(parts: DiagnosisParts) {
    this.#parts = parts;
  }

  /** @param paths that were asked for @throws {SecretError} what a request throws */
  async findings(paths: readonly string[], context: CallContext): Promise<readonly Finding[]> {
    const names = [...new Set(paths.map((path) => parsePath(path).name))];
    const deleted: Finding[] = [];
    for (const name of names) deleted.push(...(await this.#deleted(name, context)));
    return [
      ...this.#identity(),
      ...paths.flatMap((path) => this.#ends(path)),
      ...deleted,
      ...this.#leastPrivilege(names),
    ];
  }

  /** The command that lets this identity read one secret. */
  grantOf(path: string): string {
    const { name } = this.#parts.api;
    const scope = `"$(az keyvault show --name ${name} --query id --output tsv)/secrets/${parsePath(path).name}"`;
    return `az role assignment create --role "Key Vault Secrets User" --assignee-object-id ${this.#objectId()} --assignee-principal-type ServicePrincipal --scope ${scope}`;
  }

  #identity(): readonly Finding[] {
    const { claims, tenantId } = this.#parts.api.login;
    const { appid, azp, tid } = claims;
    const client = idOf(appid) ?? idOf(azp);
    const found: Finding[] = [
      {
        level: "info",
        code: "identity",
        message: `this process is the application ${client ?? "<unknown>"}, object ${this.#objectId()}, of the tenant ${idOf(tid) ?? "<unknown>"}`,
      },
    ];
    if (tenantId === undefined || idOf(tid) === undefined || tenantId === tid) return found;
    return [
      ...found,
      {
        level: "error",
        code: "tenant",
        message: `the vault belongs to the tenant ${tenantId}, and this identity does not`,
        tip: "Take an identity of that tenant, or another vault: Key Vault trusts its own tenant alone.",
      },
    ];
  }

  #objectId(): string {
    return idOf(this.#parts.api.login.claims.oid) ?? "<object id>";
  }

  /** A vault gives a secret also after its end. */
  #ends(path: string): readonly Finding[] {
    const { facts, host, options } = this.#parts;
    const end = facts.get(path)?.expiresAt;
    if (end === undefined) return [];
    const leftMs = end.getTime() - host.clock.now();
    if (leftMs > nearMs) return [];
    const tip = "Set a new version with a later end.";
    if (leftMs > 0)
      return [{ level: "warning", code: "secret-ends", message: `"${path}" ends at ${end.toISOString()}`, tip }];
    const consequence = options.honorExpiry
      ? "is not served any more"
      : "is served all the same, as `honorExpiry` is not set";
    return [
      {
        level: "error",
        code: "secret-expired",
        message: `"${path}" ended at ${end.toISOString()}, and ${consequence}`,
        tip,
      },
    ];
  }

  /** Whether it was deleted and can be recovered; of no concern where that may not be asked. */
  async #deleted(name: string, context: CallContext): Promise<readonly Finding[]> {
    try {
      const answer = await this.#parts.api.find({ path: "/deletedsecrets/{name}", values: { name } }, context);
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
        tip: `az keyvault secret recover --vault-name ${this.#parts.api.name} --name ${name}`,
      },
    ];
  }

  #leastPrivilege(names: readonly string[]): readonly Finding[] {
    if (names.length === 0) return [];
    const tip = names.map((name) => this.grantOf(name)).join("\n");
    return [{ level: "info", code: "least-privilege", message: "what this process needs, and nothing more", tip }];
  }
}

/** As Event Grid announces an end. */
const nearMs = 30 * 86_400_000;

/** Ids are no secrets; anything else that a token might hold there is not told. */
function idOf(claim: unknown): string | undefined {
  return typeof claim === "string" && /^[0-9a-zA-Z-]{1,64}$/.test(claim) ? claim : undefined;
}
