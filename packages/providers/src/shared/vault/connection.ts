import type { ProviderHost } from "@tacit/core/provider";
import { createVaultApi, type VaultApi, type VaultHttpOptions } from "./api.ts";
import { type Environment, resolveAddress, settingOf } from "./environment.ts";
import { createAgentSession } from "./login/agent-session.ts";
import { createLogin } from "./login/create-login.ts";
import type { Session } from "./login/session.ts";
import { createTokenSession } from "./login/token-session.ts";
import type { VaultAccessOptions } from "./options.ts";
import { createTlsMaterial, tlsFindings } from "./tls.ts";

/** A connection to Vault with a login, for one provider or key service. */
export interface VaultConnection {
  readonly http: VaultHttpOptions;
  readonly api: VaultApi;
  readonly session: Session;
  /** Whether this process has its own token; otherwise an Agent adds one. */
  readonly hasLogin: boolean;
  /** Revokes its tokens, within 750 ms, and ends all calls. */
  close(): Promise<void>;
}

/** The options of a connection. */
export interface VaultConnectionOptions extends VaultAccessOptions {
  /** Default: VAULT_AGENT_ADDR, else VAULT_ADDR, or their BAO_ counterparts. */
  readonly url?: string | undefined;
  readonly application?: string | undefined;
}

/** Creates a connection. Performs no I/O before the first call. @throws {SecretError} INVALID_CONFIG for an invalid address */
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

/** Limits the delay of the exit if Vault does not respond; its tokens expire by themselves. */
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
