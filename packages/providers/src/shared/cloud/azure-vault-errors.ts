import { isSecretError, SecretError } from "@tacit/core/provider";
import type { HttpAnswer } from "../http/answer.ts";
import { foreignAnswer, membersOf, type StatusMeaning } from "../store/status-table.ts";

/** The permissions that a request to a vault requires, for messages. */
export interface VaultRights {
  /** The collection to read. A request for its list without a token returns the challenge. */
  readonly collection: "secrets" | "keys";
  /** The action, as the end of a sentence: `read the secret`. */
  readonly what: string;
  /** The role: `Key Vault Secrets User`. */
  readonly role: string;
  /** The permission of an access policy, as an argument of `az keyvault set-policy`: `--secret-permissions get`. */
  readonly permission: string;
}

/** Returns whether the vault itself reports that the object or version does not exist. */
export function vaultSaysMissing(answer: HttpAnswer): boolean {
  return /^(Secret|Key)NotFound$/.test(codesOf(answer)[0] ?? "");
}

/** Returns the meaning of a failed response; undefined for the general meaning of its status. */
export function vaultMeaning(answer: HttpAnswer, rights: VaultRights): StatusMeaning | undefined {
  const codes = codesOf(answer);
  if (answer.status === 401) return refused;
  if (answer.status === 403 && codes.length === 0) return foreignAnswer("Key Vault", "url");
  if (answer.status === 403) return denials.get(codes.at(-1) ?? "") ?? denied(rights, codes.at(-1));
  if (answer.status === 400 && codes.length > 0) return badRequest;
  return undefined;
}

/** Returns an error, with a better tip for DNS failures: the host of a deleted or non-existent vault cannot be resolved. */
export function vaultError(error: unknown): unknown {
  if (!isSecretError(error, "UNAVAILABLE") || error.reason !== "dns") return error;
  const { code, message, reason, cause } = error;
  const tip =
    "Check `url`: the name of a vault that was deleted or never existed cannot be resolved (az keyvault list-deleted, az keyvault recover). In a network with a private endpoint, check its DNS zone.";
  return new SecretError(code, message, { reason, cause, tip });
}

function denied({ what, role, permission }: VaultRights, code: string | undefined): StatusMeaning {
  const kind = { code: "PERMISSION_DENIED", reason: "iam-permission" } as const;
  if (code === "ForbiddenByRbac")
    return {
      ...kind,
      what: `no role assignment lets this identity ${what}`,
      tip: `Assign ${role} on it or on the vault; this takes a few minutes to take effect. \`diagnose\` prints the command.`,
    };
  if (code === "ForbiddenByPolicy")
    return {
      ...kind,
      what: `no access policy of the vault lets this identity ${what}`,
      tip: `az keyvault set-policy --name <vault> --object-id <object id> ${permission}; \`diagnose\` prints the object id.`,
    };
  return {
    ...kind,
    what: `this identity may not ${what}`,
    tip: `With Azure RBAC the role is ${role}, with access policies the permission is ${permission}; \`diagnose\` prints the command.`,
  };
}

/** innermost error code -> its meaning, for all requests */
const denials: ReadonlyMap<string, StatusMeaning> = new Map(
  Object.entries<StatusMeaning>({
    ForbiddenByFirewall: {
      code: "PERMISSION_DENIED",
      what: "the firewall of the vault blocks this address",
      reason: "firewall",
      tip: "Add the subnet or the address to the networks of the vault, or give it a private endpoint.",
    },
    ForbiddenByConnection: {
      code: "PERMISSION_DENIED",
      what: "the vault can be reached only through a private endpoint",
      reason: "firewall",
      tip: "Check the private endpoint and its DNS zone: the name of the vault must resolve to it.",
    },
    SecretDisabled: {
      code: "PERMISSION_DENIED",
      what: "the version of the secret is disabled",
      reason: "version-disabled",
      tip: "Enable it (az keyvault secret set-attributes --enabled true), or set another value.",
    },
  }),
);

/** The meaning of a claims challenge. It is thrown only if the next token does not satisfy the challenge, either. */
export const unmetClaims: StatusMeaning = {
  code: "UNAUTHENTICATED",
  what: "the vault requires claims that the token does not have",
  reason: "claims-challenge",
  tip: "A policy of the tenant requires a new token (continuous access evaluation). The endpoint of a managed identity returns a new token only when the cached one expires. If that is too late, use a workload identity.",
};

const refused: StatusMeaning = {
  code: "UNAUTHENTICATED",
  what: "the token was refused",
  reason: "login-refused",
  tip: "The identity must belong to the tenant of the vault, which `diagnose` prints; also check the clock of this machine.",
};

const badRequest: StatusMeaning = {
  code: "INTERNAL",
  what: "Key Vault rejected the request as invalid",
  reason: "bad-request",
  tip: "Check that `url` is the address of a vault, without a path.",
};

/** Returns the nested error codes of a response, outermost first; none if the vault has not written it. Messages are not used, since they contain ids. */
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
