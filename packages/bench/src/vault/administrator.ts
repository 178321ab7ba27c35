import { Agent } from "node:http";
import axios, { type AxiosInstance } from "axios";
import type { Application } from "./application.ts";

/** Sets up what is read, and writes it, with the root token and without our client. */
export class Administrator {
  readonly #http: AxiosInstance;

  constructor(url: string, token: string) {
    this.#http = axios.create({
      baseURL: `${url}/v1/`,
      headers: { "x-vault-token": token },
      // Servers are killed here: no connection outlives its request.
      httpAgent: new Agent({ keepAlive: false }),
      timeout: 10_000,
    });
  }

  async write(path: string, body: unknown): Promise<void> {
    await this.#http.post(path, body);
  }

  async remove(path: string): Promise<void> {
    await this.#http.delete(path);
  }

  /** The status of a read, whatever it is. */
  async statusOf(path: string): Promise<number> {
    return (await this.#http.get(path, { validateStatus: () => true })).status;
  }

  /**
   * Makes an application with a KV mount of version 2 and an AppRole of its own, by whose tokens it may read there.
   * @param name stands in the paths of all of that
   * @param sees whether it may read metadata as well
   */
  async createApplication(
    name: string,
    sees: "data" | "data and metadata" = "data and metadata",
  ): Promise<Application> {
    const [mount, login, authority] = [`kv-${name}`, `approle-${name}`, `pki-${name}`];
    await this.write(`sys/mounts/${mount}`, { type: "kv", options: { version: "2" } });
    await this.write(`sys/auth/${login}`, { type: "approle" });
    const kinds = sees === "data" ? ["data"] : ["data", "metadata"];
    const readable = kinds.map((kind) => [`${mount}/${kind}/*`, { capabilities: ["read"] }] as const);
    const path = { ...Object.fromEntries(readable), [`${authority}/issue/app`]: { capabilities: ["update"] } };
    await this.write(`sys/policies/acl/${name}`, { policy: JSON.stringify({ path }) });
    const role = `auth/${login}/role/app`;
    await this.write(role, { token_policies: [name], token_ttl: "1h" });
    const { data: found } = await this.#http.get(`${role}/role-id`);
    const { data: made } = await this.#http.post(`${role}/secret-id`, {});
    return { name, mount, login, authority, roleId: found.data.role_id, secretId: made.data.secret_id };
  }

  /** Mounts an application's authority, which leases certificates by the role `app`: one whose lease is revoked is revoked. */
  async mountAuthority({ authority }: Application): Promise<void> {
    await this.write(`sys/mounts/${authority}`, { type: "pki" });
    await this.write(`${authority}/root/generate/internal`, { common_name: "bench", key_type: "ec", ttl: "24h" });
    const role = { allow_any_name: true, key_type: "ec", ttl: "1h", generate_lease: true };
    await this.write(`${authority}/roles/app`, role);
  }

  /** Takes back every certificate that an authority has leased. */
  async revokeLeases({ authority }: Application): Promise<void> {
    await this.write(`sys/leases/revoke-prefix/${authority}/issue/app`, { sync: true });
  }

  async writeSecret({ mount }: Application, name: string, value: string): Promise<void> {
    await this.write(`${mount}/data/${name}`, { data: { value } });
  }

  /** Ends every token that an application has logged in for. */
  async revokeTokens({ login }: Application): Promise<void> {
    await this.write(`sys/leases/revoke-prefix/auth/${login}/login`, {});
  }
}
