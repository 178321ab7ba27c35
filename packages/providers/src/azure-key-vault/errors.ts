import { isSecretError, SecretError } from "@tacit/core/provider";
import type { HttpAnswer } from "../shared/http/answer.ts";
import { membersOf, type StatusMeaning } from "../shared/store/status-table.ts";

/** Whether the vault itself says that there is no such secret or version. */
export function saysMissing(answer: HttpAnswer): boolean {
  return codesOf(answer)[0] === "SecretNotFound";
}

/** The meaning of a failed answer. */
export function meaningOf(answer: HttpAnswer): StatusMeaning | undefined {
  const codes = codesOf(answer);
  if (answer.status === 401) return refused;
  if (answer.status === 403) return codes.length === 0 ? foreign : (denials.get(codes.at(-1) ?? "") ?? denied);
  if (answer.status === 400 && codes.length > 0) return badRequest;
  return undefined;
}

/** Returns an error with what it usually means for a vault: the host of one that was deleted, or never was, cannot be resolved. */
export function vaultError(error: unknown): unknown {
  if (!isSecretError(error, "UNAVAILABLE") || error.reason !== "dns") return error;
  const { code, message, reason, cause } = error;
  const tip =
    "Check `url`: the name of a vault that was deleted or never existed cannot be resolved (az keyvault list-deleted, az keyvault recover). Within a network with a private endpoint, look at its DNS zone.";
  return new SecretError(code, message, { reason, cause, tip });
}

const grants =
  "With Azure RBAC the role is Key Vault Secrets User, with access policies the permission Get for secrets; `diagnose` has the command.";

const denied: StatusMeaning = {
  code: "PERMISSION_DENIED",
  what: "this identity may not read the secret",
  reason: "iam-permission",
  tip: grants,
};

/** The innermost code of an answer -> its meaning. */
const denials: ReadonlyMap<string, StatusMeaning> = new Map(
  Object.entries<StatusMeaning>({
    ForbiddenByRbac: {
      ...denied,
      what: "no role assignment lets this identity read the secret",
      tip: "Assign Key Vault Secrets User on the secret or the vault; it takes a few minutes to be known. `diagnose` has the command.",
    },
    ForbiddenByPolicy: {
      ...denied,
      what: "no access policy of the vault lets this identity read secrets",
      tip: "az keyvault set-policy --name <vault> --object-id <object id> --secret-permissions get; `diagnose` tells the object id.",
    },
    AccessDenied: denied,
    ForbiddenByFirewall: {
      code: "PERMISSION_DENIED",
      what: "the firewall of the vault lets this address not through",
      reason: "firewall",
      tip: "Add the subnet or the address to the networks of the vault, or give it a private endpoint.",
    },
    ForbiddenByConnection: {
      code: "PERMISSION_DENIED",
      what: "the vault is reached through a private endpoint alone",
      reason: "firewall",
      tip: "Look at the private endpoint and at its DNS zone: the name of the vault must lead to it.",
    },
    SecretDisabled: {
      code: "PERMISSION_DENIED",
      what: "the version of the secret is disabled",
      reason: "version-disabled",
      tip: "Enable it (az keyvault secret set-attributes --enabled true), or set another value.",
    },
  }),
);

const refused: StatusMeaning = {
  code: "UNAUTHENTICATED",
  what: "the token was refused",
  reason: "login-refused",
  tip: "The identity must belong to the tenant of the vault, which `diagnose` names; look at the clock of this machine, too.",
};

/** What a proxy or a firewall has refused says nothing of the secret. */
const foreign: StatusMeaning = {
  code: "INTERNAL",
  what: "something other than Key Vault has answered",
  reason: "malformed-answer",
  tip: "Look at proxies and firewalls on the way, and at `url`.",
};

const badRequest: StatusMeaning = {
  code: "INTERNAL",
  what: "Key Vault does not understand the request",
  reason: "bad-request",
  tip: "Check that `url` is the address of a vault, without a path.",
};

/** The code of an answer and those within it, outermost first; none where something else has answered. Messages hold ids of callers. */
function codesOf(answer: HttpAnswer): readonly string[] {
  const codes: string[] = [];
  let error: unknown = membersOf(answer).error;
  for (let depth = 0; depth < 5; depth += 1) {
    const { code, innererror } = Object(error) as { readonly code?: unknown; readonly innererror?: unknown };
    if (typeof code === "string") codes.push(code);
    error = innererror;
  }
  return codes;
}
