import { type CallContext, type ProviderResult, type ReadRequest, SecretError } from "@tacit/core/provider";
import type { VaultAnswer } from "../../shared/vault/answer.ts";
import type { Engine, EngineContext } from "./engine.ts";
import { assertCurrent, malformed, refusal, refusals, requestRefused, says, unknownPath } from "./refusal.ts";
import { StaticRoles } from "./static-role.ts";

const kind = "database";

/**
 * Creates the reader of a database engine: `creds/<role>` issues a database user with a lease; Vault rotates the password of
 * `static-creds/<role>`.
 * @see https://developer.hashicorp.com/vault/api-docs/secret/databases
 */
export function createDatabaseEngine({ session, host, leases, mount }: EngineContext): Engine {
  const staticRoles = new StaticRoles(host, kind);
  return {
    kind,
    isDynamic: (path) => path.startsWith("creds/"),
    async get({ path, version }: ReadRequest, context: CallContext): Promise<ProviderResult> {
      assertCurrent({ version }, kind);
      const { type, role } = parse(path);
      const request = { path: `{+mount}/${type}/{role}`, values: { mount, role }, accept: [...refusals, 500] };
      const answer = await session.call(request, context);
      if (answer.status === 500) throw failure(answer);
      if (refusals.includes(answer.status)) return refusal(answer, { unknown, tip });
      if (type === "static-creds") return staticRoles.read(path, answer, answer.fields());
      return leased(answer);
    },
  };

  function leased(answer: VaultAnswer): ProviderResult {
    const fields = answer.fields();
    if (fields === undefined || fields.size === 0) throw malformed(kind);
    const payload = { kind: "fields", fields } as const;
    return { status: "ok", payload, version: host.contentVersion(payload), lease: leases.of(answer) };
  }
}

const unknown = /unknown (static )?role/i;
const tip = "Check the role and its database connection with `vault read`.";

/** Returns the error of a 500, which Vault also sends for a role that is not allowed. */
function failure(answer: VaultAnswer): SecretError {
  if (says(answer, /not an allowed role/i))
    return requestRefused(answer, "Add the role to `allowed_roles` of its database connection.");
  return new SecretError("UNAVAILABLE", "Vault's database engine failed with 500", {
    reason: "server-error",
    tip: "Often Vault cannot reach the database, or a statement of the role fails; Vault's log says which.",
  });
}

function parse(path: string): { readonly type: "creds" | "static-creds"; readonly role: string } {
  const [, type, role] = /^(creds|static-creds)\/([^/]+)$/.exec(path) ?? [];
  if (role === undefined || (type !== "creds" && type !== "static-creds"))
    throw unknownPath(kind, "creds/<role> or static-creds/<role>");
  return { type, role };
}
