import { describe, expect, test } from "vitest";
import { resolveConnection } from "./environment.ts";
import type { ConjurOptions } from "./options.ts";

const place = { CONJUR_APPLIANCE_URL: "https://conjur.example", CONJUR_ACCOUNT: "acme" };
const options: ConjurOptions = { auth: { method: "environment" }, tls: { verify: true }, allowInsecureHttp: false };
const login = { CONJUR_AUTHN_LOGIN: "host/app", CONJUR_AUTHN_API_KEY: "s3cret-fixture" };
const jwt = { CONJUR_AUTHN_JWT_SERVICE_ID: "prod" };
const certificate = {
  CONJUR_AUTHN_CERT_SERVICE_ID: "prod",
  CONJUR_AUTHN_CERT_FILE: "/c/tls.crt",
  CONJUR_AUTHN_CERT_KEY_FILE: "/c/tls.key",
};

test.each<[string, Record<string, string>, object]>([
  [
    "a file with a token",
    { ...jwt, ...login, CONJUR_AUTHN_TOKEN_FILE: "/t", CONJUR_AUTHN_TOKEN: "s3cret-fixture" },
    { method: "access-token", token: { $file: "/t" } },
  ],
  [
    "a token",
    { ...jwt, ...login, CONJUR_AUTHN_TOKEN: "s3cret-fixture" },
    { method: "access-token", token: { $env: "CONJUR_AUTHN_TOKEN" } },
  ],
  [
    "a certificate",
    { ...jwt, ...login, ...certificate, CONJUR_AUTHN_CERT_HOST_ID: "app" },
    { method: "certificate", service: "prod", hostId: "app" },
  ],
  [
    "a JWT",
    { ...login, ...jwt, CONJUR_AUTHN_JWT_TOKEN: "s3cret-fixture", CONJUR_AUTHN_JWT_HOST_ID: "app" },
    { method: "jwt", service: "prod", hostId: "app", token: { $env: "CONJUR_AUTHN_JWT_TOKEN" } },
  ],
  [
    "the token of the service account",
    jwt,
    { method: "jwt", service: "prod", token: { $file: "/var/run/secrets/kubernetes.io/serviceaccount/token" } },
  ],
  [
    "an API key",
    { ...login, CONJUR_AUTHN_TOKEN: "" },
    { method: "api-key", login: "host/app", apiKey: { $env: "CONJUR_AUTHN_API_KEY" } },
  ],
  [
    "a password of a directory",
    { ...login, CONJUR_AUTHN_TYPE: "ldap", CONJUR_SERVICE_ID: "prod" },
    { method: "ldap", service: "prod", login: "host/app", password: { $env: "CONJUR_AUTHN_API_KEY" } },
  ],
])("the environment selects %s", (_what, variables, auth) => {
  expect(resolveConnection(options, { ...place, ...variables }).auth).toEqual(auth);
});

describe("TLS material of the environment", () => {
  test("is used if the document has none", () => {
    const environment = { ...place, ...certificate, CONJUR_CERT_FILE: "/c/ca.crt" };
    expect(resolveConnection(options, environment).options.tls).toEqual({
      verify: true,
      ca: { $file: "/c/ca.crt" },
      certificate: { $file: "/c/tls.crt" },
      key: { $file: "/c/tls.key" },
    });
    const both = { ...environment, CONJUR_SSL_CERTIFICATE: "PEM" };
    expect(resolveConnection(options, both).options.tls.ca).toEqual({ $env: "CONJUR_SSL_CERTIFICATE" });
  });

  test("is not used if the document has its own", () => {
    const tls = { verify: true, ca: { $file: "/d/ca" }, certificate: { $file: "/d/crt" }, key: { $file: "/d/key" } };
    const environment = { ...place, ...certificate, CONJUR_CERT_FILE: "/c/ca.crt" };
    expect(resolveConnection({ ...options, tls }, environment).options.tls).toEqual(tls);
  });

  test.each(["CONJUR_AUTHN_CERT_FILE", "CONJUR_AUTHN_CERT_KEY_FILE"])("is incomplete without %s", (name) => {
    const environment = { ...place, ...certificate, [name]: undefined };
    expect(() => resolveConnection(options, environment)).toThrow(
      expect.objectContaining({ code: "INVALID_CONFIG", reason: "login", tip: expect.stringContaining(name) }),
    );
  });
});
