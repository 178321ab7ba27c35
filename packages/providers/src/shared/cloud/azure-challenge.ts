import { SecretError } from "@tacit/core/provider";

/** The requirements of a vault for a token. */
export interface Challenge {
  /** The scope: `https://vault.azure.net/.default`. */
  readonly scope: string;
  /** The tenant of the vault; undefined if the header does not contain it. */
  readonly tenantId: string | undefined;
}

/**
 * Parses the challenge of a vault. The host of the vault must belong to the resource of the token; otherwise a false server
 * could obtain a token for another resource.
 * @param header the value of `www-authenticate` @param host the host of the vault, without port
 * @throws {SecretError} UNAUTHENTICATED `challenge`
 * @see https://learn.microsoft.com/azure/key-vault/general/authentication-requests-and-responses
 */
export function parseChallenge(header: string | undefined, host: string): Challenge {
  const { scope, resource, authorization, authorization_uri: authority } = bearerParts(header);
  const named = scope?.replace(/\/\.default$/, "") ?? resource ?? "";
  const target = URL.canParse(named) ? new URL(named) : undefined;
  if (target === undefined) throw refused("does not state a resource for a token");
  const isOwn = host === target.hostname || (target.hostname.includes(".") && host.endsWith(`.${target.hostname}`));
  if (!isOwn || !/^https?:$/.test(target.protocol) || target.username !== "")
    throw refused("requires a token for another resource; none was requested or sent");
  const tenant = authorization ?? authority ?? "";
  return {
    scope: `${named.replace(/\/+$/, "")}/.default`,
    // The tenant is used only in messages: the vault must not choose the server that issues tokens.
    tenantId: URL.canParse(tenant) ? new URL(tenant).pathname.split("/")[1] || undefined : undefined,
  };
}

/**
 * Returns the claims that a vault requires of the next token, as JSON; undefined if it requires none.
 * @see https://learn.microsoft.com/entra/identity-platform/claims-challenge
 */
export function claimsIn(header: string | undefined): string | undefined {
  const { error, claims = "" } = bearerParts(header);
  if (error !== "insufficient_claims" || claims.length > mostClaims) return undefined;
  const text = Buffer.from(claims, "base64").toString();
  try {
    const json: unknown = JSON.parse(text);
    return typeof json === "object" && json !== null ? text : undefined;
  } catch {
    return undefined;
  }
}

const mostClaims = 8192;

/** Returns the parameters of the scheme Bearer, which other schemes may precede. */
function bearerParts(header = ""): Readonly<Record<string, string | undefined>> {
  const [, parameters = ""] = /(?:^|,)\s*Bearer\s+(.*)$/i.exec(header) ?? [];
  const pairs = [...parameters.matchAll(/([a-z_]+)\s*=\s*(?:"([^"]*)"|([^\s,]+))/gi)];
  return Object.fromEntries(pairs.map(([, name = "", quoted, plain]) => [name.toLowerCase(), quoted ?? plain]));
}

function refused(what: string): SecretError {
  return new SecretError("UNAUTHENTICATED", `the server at the address of the vault ${what}`, {
    reason: "challenge",
    tip: "Check `url` and the address of its host name: a vault requires tokens of its own domain.",
  });
}
