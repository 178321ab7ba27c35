import { SecretError } from "@tacit/core/provider";
import { isRegion } from "../shared/cloud/aws-endpoint.ts";
import { serviceAccountToken } from "../shared/service-account.ts";
import type { ConjurAuth, ConjurOptions } from "./options.ts";

/** The variables of a process. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Everything that is known of a Conjur, from the document and the environment. */
export interface ConjurConnection {
  readonly url: string;
  readonly account: string;
  readonly auth: Exclude<ConjurAuth, { readonly method: "environment" }>;
  /** The options, with the TLS material of the environment where the document has none. */
  readonly options: ConjurOptions;
}

/**
 * Takes from the environment what the document leaves out, by the variables of Conjur's own client and in its order.
 * @throws {SecretError} INVALID_CONFIG `address` or `login`
 */
export function resolveConnection(options: ConjurOptions, environment: Environment): ConjurConnection {
  const variable = (name: string): string | undefined => environment[name] || undefined;
  const url = options.url ?? variable("CONJUR_APPLIANCE_URL");
  const account = options.account ?? variable("CONJUR_ACCOUNT");
  if (url === undefined || account === undefined) throw unknownPlace();
  const fromEnvironment = options.auth.method === "environment";
  const auth = options.auth.method === "environment" ? loginOf(variable) : options.auth;
  const tls = { ...options.tls };
  const authority = variable("CONJUR_SSL_CERTIFICATE");
  const authorityFile = variable("CONJUR_CERT_FILE");
  if (authority !== undefined) tls.ca ??= { $env: "CONJUR_SSL_CERTIFICATE" };
  else if (authorityFile !== undefined) tls.ca ??= { $file: authorityFile };
  // A pair from one place: a certificate of the document never meets a key of the environment.
  const certificateFile = variable("CONJUR_AUTHN_CERT_FILE");
  const keyFile = variable("CONJUR_AUTHN_CERT_KEY_FILE");
  const hasPair = certificateFile !== undefined && keyFile !== undefined;
  if (fromEnvironment && auth.method === "certificate" && tls.certificate === undefined && hasPair) {
    tls.certificate = { $file: certificateFile };
    tls.key = { $file: keyFile };
  }
  if (auth.method === "certificate" && tls.certificate === undefined) throw noCertificate();
  const pod =
    auth.method === "kubernetes"
      ? {
          podName: auth.podName ?? variable("MY_POD_NAME") ?? variable("HOSTNAME"),
          podNamespace: auth.podNamespace ?? variable("MY_POD_NAMESPACE"),
        }
      : {};
  return { url, account, auth: { ...auth, ...pod }, options: { ...options, tls } };
}

/** @see https://github.com/cyberark/conjur-api-go, NewClientFromEnvironment */
function loginOf(variable: (name: string) => string | undefined): ConjurConnection["auth"] {
  const tokenFile = variable("CONJUR_AUTHN_TOKEN_FILE");
  if (tokenFile !== undefined) return { method: "access-token", token: { $file: tokenFile } };
  if (variable("CONJUR_AUTHN_TOKEN") !== undefined)
    return { method: "access-token", token: { $env: "CONJUR_AUTHN_TOKEN" } };
  const type = variable("CONJUR_AUTHN_TYPE");
  const certificateService = variable("CONJUR_AUTHN_CERT_SERVICE_ID");
  const general = variable("CONJUR_SERVICE_ID");
  const certificate = certificateService ?? (type === "cert" ? general : undefined);
  if (certificate !== undefined)
    return { method: "certificate", service: certificate, hostId: variable("CONJUR_AUTHN_CERT_HOST_ID") };
  const jwtService = variable("CONJUR_AUTHN_JWT_SERVICE_ID") ?? (type === "jwt" ? general : undefined);
  if (jwtService !== undefined) {
    const file = variable("JWT_TOKEN_PATH") ?? serviceAccountToken.$file;
    const token =
      variable("CONJUR_AUTHN_JWT_TOKEN") === undefined ? { $file: file } : { $env: "CONJUR_AUTHN_JWT_TOKEN" };
    return { method: "jwt", service: jwtService, hostId: variable("CONJUR_AUTHN_JWT_HOST_ID"), token };
  }
  const login = variable("CONJUR_AUTHN_LOGIN");
  if (login !== undefined && variable("CONJUR_AUTHN_API_KEY") !== undefined) {
    const key = { $env: "CONJUR_AUTHN_API_KEY" };
    if (type !== "ldap" || general === undefined) return { method: "api-key", login, apiKey: key };
    return { method: "ldap", service: general, login, password: key };
  }
  const hostId = variable("CONJUR_AUTHN_JWT_HOST_ID");
  if (type === "gcp" && hostId !== undefined) return { method: "gcp", hostId, serviceAccount: "default" };
  if (general === undefined || hostId === undefined) throw unknownLogin();
  if (type === "iam") return { method: "aws-iam", service: general, hostId, region: regionOf(variable("AWS_REGION")) };
  if (type !== "azure") throw unknownLogin();
  const clientId = variable("CONJUR_AUTHN_AZURE_CLIENT_ID");
  const resource = "https://management.azure.com/";
  return { method: "azure", service: general, hostId, resource, identity: "managed", clientId };
}

/** It becomes a part of the host that is signed for. */
function regionOf(name = ""): string | undefined {
  return isRegion(name) ? name : undefined;
}

function unknownPlace(): SecretError {
  return new SecretError("INVALID_CONFIG", "the URL or the account of Conjur is not set", {
    reason: "address",
    tip: "Write `url` and `account`, or set CONJUR_APPLIANCE_URL and CONJUR_ACCOUNT.",
  });
}

function unknownLogin(): SecretError {
  return new SecretError("INVALID_CONFIG", "no login to Conjur is configured", {
    reason: "login",
    tip: "Write `auth`, or set CONJUR_AUTHN_LOGIN and CONJUR_AUTHN_API_KEY, or the variables of another authenticator.",
  });
}

function noCertificate(): SecretError {
  return new SecretError("INVALID_CONFIG", "the login uses a certificate, but none is configured", {
    reason: "login",
    tip: "Write `tls.certificate` and `tls.key`, or set CONJUR_AUTHN_CERT_FILE and CONJUR_AUTHN_CERT_KEY_FILE for the method `environment`.",
  });
}
