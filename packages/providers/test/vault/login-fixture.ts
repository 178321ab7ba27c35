import type { ServerOptions } from "node:https";
import { type ConformanceHost, conformanceHost } from "@tacit/core/conformance";
import type { CredentialSource } from "@tacit/core/provider";
import type { VaultAuth } from "../../src/shared/vault/answer.ts";
import { createVaultApi, type VaultApi, type VaultHttpOptions } from "../../src/shared/vault/api.ts";
import type { Environment } from "../../src/shared/vault/environment.ts";
import { createLogin } from "../../src/shared/vault/login/create-login.ts";
import type { Login } from "../../src/shared/vault/login/login.ts";
import { loginOptions } from "../../src/shared/vault/login/options.ts";
import { type HttpFixture, openHttpFixture } from "../http-fixture.ts";
import { LoginDouble } from "./login-double.ts";

/** A Vault that verifies logins, and credentials that a test can replace. */
export interface LoginFixture extends AsyncDisposable {
  readonly vault: LoginDouble;
  readonly http: HttpFixture;
  readonly host: ConformanceHost;
  readonly api: VaultApi;
  /** What `{"$secret"}` reads, by reference. */
  readonly credentials: Map<string, string | Uint8Array>;
  /** Passes raw options through the schema and makes the login. */
  create(options: object, environment?: Environment): Login;
  run(login: Login): Promise<VaultAuth>;
}

/** Starts the double. @param secure of the double, where the connection is to be TLS, for which `tls` is the client's part */
export async function openLoginFixture(secure?: ServerOptions, tls?: VaultHttpOptions["tls"]): Promise<LoginFixture> {
  const http = openHttpFixture();
  const vault = new LoginDouble(secure);
  const { clock } = http;
  vault.now = () => clock.now();
  const credentials = new Map<string, string | Uint8Array>();
  const read = conformanceHost().credential;
  const host = conformanceHost({
    clock,
    credential: async (source: CredentialSource) =>
      "$secret" in source ? Buffer.from(credentials.get(source.$secret) ?? "") : read(source),
  });
  await vault.listen();
  const api = createVaultApi({ url: vault.url, tls, redirects: [] }, host);
  return {
    vault,
    http,
    host,
    api,
    credentials,
    create(options, environment = {}) {
      const login = createLogin(loginOptions.parse(options), environment);
      if (login === undefined) throw new Error("no login");
      return login;
    },
    run: (login) => login.login({ api, host, signal: http.controller.signal }),
    async [Symbol.asyncDispose]() {
      await api.close();
      await vault.close();
      await http[Symbol.asyncDispose]();
    },
  };
}
