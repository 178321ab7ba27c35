import type { ProviderHost } from "@tacit/core/provider";
import { createVaultApi, type VaultApi, type VaultHttpOptions } from "./api.ts";
import { type Environment, resolveAddress, settingOf } from "./environment.ts";
import { createAgentSession } from "./login/agent-session.ts";
import { createLogin } from "./login/create-login.ts";
import type { Session } from "./login/session.ts";
import { createTokenSession } from "./login/token-session.ts";
import type { VaultAccessOptions } from "./options.ts";
import { createTlsMaterial, tlsFindings } from "./tls.ts";

/** Vault's API with a login, for one provider or one key. */
export interface VaultConnection {
  readonly http: VaultHttpOptions;
  readonly api: VaultApi;
  readonly session: Session;
  /** Whether this process has a token of its own; an Agent adds one otherwise. */
  readonly hasLogin: boolean;
  /** Revokes the tokens that it made, as long as Vault answers soon, and ends all calls. */
  close(): Promise<void>;
}

/** What a connection is made of. */
export interface VaultConnectionOptions extends VaultAccessOptions {
  /** Default: VAULT_AGENT_ADDR, else VAULT_ADDR, or their BAO_ counterparts. */
  readonly url?: string | undefined;
  readonly application?: string | undefined;
}

/** Makes a connection; nothing is read or asked before the first call. @throws {SecretError} INVALID_CONFIG for an address that cannot be used */
export function openVaultConnection(
  options: VaultConnectionOptions,
  host: ProviderHost,
  environment: Environment,
): VaultConnection {
  for (const { code, tip } of tlsFindings(options.tls, environment)) host.warn(code, tip ?? "");
  const http = httpOptions(options, host, environment);
  const api = createVaultApi(http, host);
  const login = createLogin(options.auth, environment);
  const session = login === undefined ? createAgentSession(api) : createTokenSession({ api, login, host });
  return {
    http,
    api,
    session,
    hasLogin: login !== undefined,
    async close() {
      await endSession(session, host);
      await api.close();
    },
  };
}

function httpOptions(options: VaultConnectionOptions, host: ProviderHost, environment: Environment): VaultHttpOptions {
  const { application, allowInsecureHttp, redirects } = options;
  return {
    ...resolveAddress(options.url, environment),
    application,
    allowInsecureHttp,
    redirects,
    namespace: options.namespace ?? settingOf(environment, "NAMESPACE")?.trim(),
    proxy: options.proxy ?? settingOf(environment, "PROXY_ADDR", "HTTP_PROXY"),
    tls: createTlsMaterial(options.tls, environment, host),
  };
}

/** A store that is silent must not hold up the end of the process: its tokens end on their own. */
const closeTimeoutMs = 750;

async function endSession(session: Session, { clock }: Pick<ProviderHost, "clock">): Promise<void> {
  const timeout = new AbortController();
  const timer = clock.setTimer(() => timeout.abort(), closeTimeoutMs);
  try {
    await session.close({ signal: timeout.signal });
  } finally {
    timer.cancel();
  }
}
