import { setTimeout as sleep } from "node:timers/promises";
import type { VaultBody, VaultReply, VaultRequest } from "./vault-request.ts";

/** Path of a policy -> what may be done there. */
export type PolicyRules = Readonly<Record<string, readonly string[]>>;

/** Whoever sets a Vault up and writes its secrets, with the root token. */
export interface VaultAdministrator {
  readonly token: string;
  /** @throws with Vault's own words when it refuses */
  read(path: string): Promise<VaultBody>;
  /** @throws with Vault's own words when it refuses */
  write(path: string, body: unknown): Promise<VaultBody>;
  /** @throws with Vault's own words when it refuses */
  remove(path: string): Promise<void>;
  /** Mounts an engine at a path. */
  mount(path: string, engine: string, options?: Readonly<Record<string, string>>): Promise<void>;
  /** Mounts a login method at a path. */
  enableLogin(path: string, method: string): Promise<void>;
  /** Replaces what a policy allows. */
  allow(policy: string, rules: PolicyRules): Promise<void>;
  /** A token of these policies and no others but the default one; without a limit it lives for a month. */
  createToken(policies: readonly string[], options?: TokenOptions): Promise<string>;
  /** The answer of this write comes in a token that opens it once, within a minute. */
  wrap(path: string, body: unknown): Promise<string>;
}

/** How a token lives. */
export interface TokenOptions {
  /** As in `5s`. */
  readonly ttl?: string;
  readonly explicitMaxTtl?: string;
  readonly period?: string;
  readonly renewable?: boolean;
  readonly uses?: number;
  readonly type?: "service" | "batch";
}

/** A new KV mount of version 2 answers nothing until Vault has prepared it. */
const upgradeMs = 30_000;

/** Works through a client of its own. */
export function createVaultAdministrator(
  ask: (request: VaultRequest) => Promise<VaultReply>,
  token: string,
): VaultAdministrator {
  const call = async (request: Omit<VaultRequest, "token">): Promise<VaultBody> => {
    for (const end = performance.now() + upgradeMs; ; await sleep(50)) {
      const { status, body } = await ask({ ...request, token });
      if (status < 300) return body;
      const words = body.errors?.join("; ") ?? "";
      if (status !== 400 || !words.startsWith("Upgrading from non-versioned") || performance.now() > end)
        throw new Error(`${request.method} ${request.path}: Vault answered ${status}: ${words}`);
    }
  };
  const write = (path: string, body: unknown): Promise<VaultBody> => call({ method: "POST", path, body });
  return {
    token,
    read: (path) => call({ method: "GET", path }),
    write,
    async remove(path) {
      await call({ method: "DELETE", path });
    },
    async mount(path, engine, options = {}) {
      await write(`sys/mounts/${path}`, { type: engine, options });
    },
    async enableLogin(path, method) {
      await write(`sys/auth/${path}`, { type: method });
    },
    async allow(policy, rules) {
      const path = Object.fromEntries(Object.entries(rules).map(([rule, capabilities]) => [rule, { capabilities }]));
      await write(`sys/policies/acl/${policy}`, { policy: JSON.stringify({ path }) });
    },
    async createToken(policies, { ttl, explicitMaxTtl, period, renewable, uses, type } = {}) {
      const { auth } = await write("auth/token/create", {
        policies,
        no_parent: type !== "batch",
        ttl,
        explicit_max_ttl: explicitMaxTtl,
        period,
        renewable,
        num_uses: uses,
        type,
      });
      return auth?.client_token ?? "";
    },
    async wrap(path, body) {
      const answer = await call({ method: "POST", path, body, wrapTtl: "60s" });
      return answer.wrap_info?.token ?? "";
    },
  };
}
