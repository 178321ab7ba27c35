import type { ProviderHost } from "@tacit/core/provider";
import { type SendRequest, StoreApi } from "../shared/store/store-api.ts";
import { connectionLogin } from "../shared/store/store-login.ts";
import type { ConjurConnection } from "./environment.ts";
import { meaningOf, saysMissing } from "./errors.ts";
import { createLogin } from "./login/create-login.ts";
import type { PodCertificate } from "./login/kubernetes.ts";

/** Connects to Conjur. @throws {SecretError} INVALID_CONFIG for an address that cannot be used */
export function createConjurApi(connection: ConjurConnection, host: ProviderHost): StoreApi {
  const { url, options } = connection;
  const parts = { store: "Conjur", url, options, meaningOf, saysMissing };
  let pod: PodCertificate | undefined;
  const mutual = new StoreApi(
    { ...parts, login: () => connectionLogin, adjustTls: (tls) => ({ ...tls, ...pod }) },
    host,
  );
  const withCertificate = (certificate: PodCertificate): SendRequest => {
    pod = certificate;
    return (request, context) => mutual.request(request, context);
  };
  return new StoreApi(
    {
      ...parts,
      login: (plain) => createLogin(connection, { plain, withCertificate, close: () => mutual.close() }, host),
    },
    host,
  );
}
