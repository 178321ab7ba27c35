import { once } from "node:events";
import { Agent, type IncomingMessage, request } from "node:http";
import { text } from "node:stream/consumers";
import type { SecretReader } from "../measure/read-costs.ts";
import type { Application } from "../vault/application.ts";
import { type KvResponse, nodeVaultClient, nodeVaultRead, tacitClient, tokenOf } from "./vault-clients.ts";

/** The floor: what a program does that knows nothing of failures. */
export async function rawReader(url: string, application: Application): Promise<SecretReader> {
  const token = await tokenOf(url, application);
  const agent = new Agent({ keepAlive: true });
  return {
    async read(name) {
      const asked = request(`${url}/v1/${application.mount}/data/${name}`, {
        agent,
        headers: { "x-vault-token": token },
      });
      asked.end();
      const [answer] = (await once(asked, "response")) as [IncomingMessage];
      return (JSON.parse(await text(answer)) as KvResponse).data.data.value;
    },
    close: async () => agent.destroy(),
  };
}

/** axios with kept connections, and nothing around it. */
export async function axiosReader(url: string, application: Application): Promise<SecretReader> {
  const { default: axios } = await import("axios");
  const headers = { "x-vault-token": await tokenOf(url, application) };
  const httpAgent = new Agent({ keepAlive: true });
  const http = axios.create({ baseURL: `${url}/v1/${application.mount}/data/`, headers, httpAgent });
  return {
    read: async (name) => (await http.get<KvResponse>(name)).data.data.data.value,
    close: async () => httpAgent.destroy(),
  };
}

/** node-vault as it comes. */
export async function nodeVaultReader(url: string, application: Application): Promise<SecretReader> {
  const client = await nodeVaultClient(url, application);
  return { read: (name) => nodeVaultRead(client, application, name) };
}

/** Tacit, told not to be content with what it holds. */
export async function tacitReader(url: string, application: Application): Promise<SecretReader> {
  const secrets = await tacitClient(url, application);
  return {
    read: async (name) => String((await secrets.getSecret(`${name}#value`, { freshness: "fresh" })).reveal()),
    close: () => secrets.close(),
  };
}
