import { join } from "node:path";
import { claimPort } from "./claim-port.ts";
import { type ServerProcess, startServer } from "./server-process.ts";

/** The store behind an API server. */
export interface Etcd {
  readonly url: string;
  readonly process: ServerProcess;
  /** The bytes of a key, as they lie on the disk. */
  read(key: string): Promise<Buffer>;
  /** Forgets every revision but the newest one. */
  compact(): Promise<void>;
}

/** Starts the program in a folder of its own; it accepts connections some time later, and API servers wait for that. */
export async function startEtcd(program: string, folder: string): Promise<Etcd> {
  const url = `http://127.0.0.1:${await claimPort()}`;
  const peerUrl = `http://127.0.0.1:${await claimPort()}`;
  const settings = {
    "data-dir": join(folder, "data"),
    "listen-client-urls": url,
    "advertise-client-urls": url,
    "listen-peer-urls": peerUrl,
    "initial-advertise-peer-urls": peerUrl,
    "initial-cluster": `default=${peerUrl}`,
    "log-level": "warn",
    // Nobody needs the data after a crash of the machine.
    "unsafe-no-fsync": "true",
  };
  const commandLine = Object.entries(settings).map(([name, value]) => `--${name}=${value}`);
  const process = startServer(program, commandLine, folder);
  const range = async (key: string): Promise<RangeAnswer> => await post(`${url}/v3/kv/range`, { key: encode(key) });
  return {
    url,
    process,
    async read(key) {
      const { kvs } = await range(key);
      return Buffer.from(kvs?.[0]?.value ?? "", "base64");
    },
    async compact() {
      const { header } = await range("anything");
      await post(`${url}/v3/kv/compaction`, { revision: header.revision, physical: true });
    },
  };
}

interface RangeAnswer {
  readonly header: { readonly revision: string };
  readonly kvs?: readonly { readonly value: string }[];
}

async function post<T>(url: string, body: unknown): Promise<T> {
  const answer = await fetch(url, { method: "POST", body: JSON.stringify(body), signal: AbortSignal.timeout(10_000) });
  if (!answer.ok) throw new Error(`etcd answered ${answer.status}`);
  return (await answer.json()) as T;
}

function encode(key: string): string {
  return Buffer.from(key).toString("base64");
}
