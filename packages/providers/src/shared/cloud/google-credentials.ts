import { SecretError } from "@tacit/core/provider";

/** A checked credentials file. */
export interface GoogleCredentials {
  readonly kind: "external_account" | "service_account" | "authorized_user";
  /** The members to pass to Google's library. */
  readonly json: Readonly<Record<string, unknown>>;
  /** The service account of its tokens; undefined if the file does not contain it. */
  readonly email: string | undefined;
  /** The secret values of the file. */
  readonly secrets: readonly string[];
}

/** The kinds of files that are allowed. */
export interface GoogleCredentialsRules {
  /** Whether the file may be the login of a person. */
  readonly allowsUser: boolean;
  /** Whether the file may name a program to run; see the variable GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES of Google's libraries. */
  readonly allowsExecutables: boolean;
}

/**
 * Parses and checks a credentials file. The servers in a file of workload identity federation, which receive tokens, must
 * belong to Google or be this machine.
 * @throws {SecretError} INVALID_CONFIG `credentials-file`, which does not quote the file
 * @see https://cloud.google.com/docs/authentication/client-libraries#external-credentials
 */
export function parseGoogleCredentials(
  text: string,
  { allowsUser, allowsExecutables }: GoogleCredentialsRules,
): GoogleCredentials {
  const json = parsed(text);
  const textOf = (key: string): string | undefined => (typeof json[key] === "string" ? json[key] : undefined);
  const need = (...keys: readonly string[]): readonly string[] =>
    keys.map((key) => textOf(key) || refuse(`lacks "${key}"`, "Use the file exactly as Google's tools wrote it."));
  switch (json.type) {
    case "service_account": {
      const [email, key = ""] = need("client_email", "private_key", "private_key_id");
      return { kind: json.type, json, email, secrets: [key] };
    }
    case "authorized_user": {
      if (!allowsUser)
        refuse("contains the login of a person", 'On a developer\'s machine write "auth": { "method": "gcloud" }.');
      const [, ...secrets] = need("client_id", "client_secret", "refresh_token");
      return { kind: json.type, json, email: undefined, secrets };
    }
    case "external_account": {
      need("audience", "subject_token_type");
      checkFederation(json, allowsExecutables);
      const impersonated = /\/serviceAccounts\/([^/:]+):generateAccessToken$/.exec(
        textOf("service_account_impersonation_url") ?? "",
      );
      return { kind: json.type, json: onlyKnown(json), email: impersonated?.[1], secrets: [] };
    }
    default:
      return refuse(
        "has a type that is not supported",
        "Use the configuration of a workload identity federation (external_account), or the key of a service account.",
      );
  }
}

function checkFederation(json: Readonly<Record<string, unknown>>, allowsExecutables: boolean): void {
  for (const [key, service] of endpoints) {
    const url = json[key];
    if (url === undefined || (typeof url === "string" && isServer(url, service))) continue;
    refuse(
      `refers to a server other than Google's in "${key}"`,
      "Nothing was sent there. Create the file again with `gcloud iam workload-identity-pools create-cred-config`.",
    );
  }
  // Without a token_url, the library would send the token to the STS of that domain.
  if (json.universe_domain !== undefined && json.universe_domain !== "googleapis.com")
    refuse('belongs to another cloud by its "universe_domain"', "Nothing was sent there. Create the file again.");
  const source = json.credential_source;
  if (typeof source !== "object" || source === null) refuse('lacks "credential_source"', "Create the file again.");
  if ("executable" in (source as object) && !allowsExecutables)
    refuse(
      "gets the token from a program, which is not run",
      "If it is yours, set GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES=1; a file or a URL as the source of the token is safer.",
    );
}

/**
 * Returns only the members that Google's tools write. The library also accepts camel-case names and further options: `tokenUrl` and
 * `transporterOptions` would bypass the checks.
 */
function onlyKnown(json: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(federationMembers.filter((key) => Object.hasOwn(json, key)).map((key) => [key, json[key]]));
}

const federationMembers = [
  "type",
  "audience",
  "subject_token_type",
  "token_url",
  "token_info_url",
  "service_account_impersonation_url",
  "service_account_impersonation",
  "credential_source",
  "client_id",
  "client_secret",
  "quota_project_id",
  "workforce_pool_user_project",
] as const;

/** member of the file -> the service whose address it must contain */
const endpoints = [
  ["token_url", "sts"],
  ["token_info_url", "sts"],
  ["service_account_impersonation_url", "iamcredentials"],
] as const;

/** Returns whether a URL is this machine, or a service such as `sts.googleapis.com` in its global, regional, private or mTLS form. */
function isServer(url: string, service: string): boolean {
  if (!URL.canParse(url)) return false;
  const { protocol, hostname, username, password } = new URL(url);
  if (username !== "" || password !== "") return false;
  if (/^(localhost|\[::1\]|127(\.\d{1,3}){3})$/.test(hostname)) return true;
  const host = new RegExp(
    `^(?:${service}(?:-[a-z0-9-]+\\.p|(?:\\.[a-z0-9-]+){0,2})|[a-z0-9-]+[.-]${service})\\.googleapis\\.com$`,
  );
  return protocol === "https:" && host.test(hostname);
}

function parsed(text: string): Readonly<Record<string, unknown>> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    json = undefined;
  }
  if (typeof json === "object" && json !== null && !Array.isArray(json))
    return json as Readonly<Record<string, unknown>>;
  return refuse("is not a JSON object", "Use the file exactly as Google's tools wrote it.");
}

function refuse(what: string, tip: string): never {
  throw new SecretError("INVALID_CONFIG", `the file of Google credentials ${what}`, {
    reason: "credentials-file",
    tip,
  });
}
