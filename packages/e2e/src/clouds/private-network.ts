import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { generate } from "selfsigned";

/**
 * Whether this process may make network and mount namespaces, which needs root on Linux. The tests that need one are skipped otherwise; in CI
 * they fail.
 */
export function mayUseNamespaces(): boolean {
  if (process.env.CI !== undefined) return true;
  const isAllowed = spawnSync("unshare", ["-mn", "ip", "link", "set", "lo", "up"], { stdio: "ignore" }).status === 0;
  if (!isAllowed)
    process.stderr.write("e2e: tests are skipped: no namespaces can be made, which needs root on Linux\n");
  return isAllowed;
}

/** What a scenario is started with, as JSON in its first argument. */
export interface Scenario {
  /** Of a certificate for every host, and of its key. */
  readonly certificate: string;
  readonly key: string;
  /** A folder of its own. */
  readonly folder: string;
}

/** What a network has beside its hosts. */
export interface NetworkOptions {
  /** Of the program, beside those by which it finds programs and the authority. */
  readonly variables?: Readonly<Record<string, string>>;
  /** Addresses that are this machine too, beside 127.0.0.1: those of metadata services. */
  readonly addresses?: readonly string[];
}

/**
 * Runs a program in a network where these hosts are this machine and nothing else can be reached, with an authority that signs for all of
 * them. Official clients run in it unmodified: host names, port 443, TLS and the checks of all three are the real ones.
 * @returns what it sends to its parent
 * @throws with its output where it ends without that
 */
export async function runInPrivateNetwork<R>(
  program: string,
  hosts: readonly string[],
  { variables = {}, addresses = [] }: NetworkOptions = {},
): Promise<R> {
  const folder = mkdtempSync(join(tmpdir(), "private-network-"));
  try {
    const put = (name: string, content: string): string => {
      writeFileSync(join(folder, name), content, { mode: 0o600 });
      return join(folder, name);
    };
    const authority = await generate([{ name: "commonName", value: "private network" }], {
      algorithm: "sha256",
      extensions: [
        { name: "basicConstraints", cA: true, critical: true },
        { name: "keyUsage", keyCertSign: true, cRLSign: true, critical: true },
      ],
    });
    const server = await generate([{ name: "commonName", value: "double" }], {
      algorithm: "sha256",
      ca: { cert: authority.cert, key: authority.private },
      extensions: [{ name: "subjectAltName", altNames: hosts.map((value) => ({ type: 2, value }) as const) }],
    });
    const scenario: Scenario = {
      certificate: put("server.crt", server.cert),
      key: put("server.key", server.private),
      folder,
    };
    const more = addresses.map((address) => `ip addr add ${address}/32 dev lo && `).join("");
    const prepare = `ip link set lo up && ${more}mount --bind "$1" /etc/hosts && shift && exec "$@"`;
    const names = put("hosts", `127.0.0.1 localhost ${hosts.join(" ")}\n`);
    const node = [process.execPath, "--unhandled-rejections=strict", program, JSON.stringify(scenario)];
    const child = spawn("unshare", ["-mn", "sh", "-c", prepare, "sh", names, ...node], {
      // Nothing of this machine's own identity or proxies gets in.
      env: {
        ...variables,
        PATH: process.env.PATH ?? "",
        HOME: folder,
        NODE_EXTRA_CA_CERTS: put("authority.crt", authority.cert),
      },
      stdio: ["ignore", "pipe", "pipe", "ipc"],
    });
    return await resultOf<R>(child);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function resultOf<R>(child: ChildProcess): Promise<R> {
  let result: { readonly value: R } | undefined;
  child.on("message", (value: R) => {
    result = { value };
  });
  const printed = Promise.all([child.stdout, child.stderr].map((stream) => (stream === null ? "" : text(stream))));
  const [status] = (await once(child, "close")) as [number | null];
  const output = (await printed).join("");
  if (result === undefined || status !== 0) throw new Error(`the scenario ended with ${status}: ${output}`);
  if (output.includes("s3cret-fixture")) throw new Error("the scenario printed a secret");
  return result.value;
}
