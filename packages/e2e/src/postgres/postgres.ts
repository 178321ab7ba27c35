import { execFileSync } from "node:child_process";
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { inject } from "vitest";
import { claimPort } from "../cluster/claim-port.ts";
import { type ServerProcess, startServer } from "../cluster/server-process.ts";
import { programPath } from "../programs/provided.ts";

/** A PostgreSQL server with one administrator. */
export interface Postgres extends AsyncDisposable {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  /** Who may make users, as Vault does. */
  readonly administrator: { readonly user: string; readonly password: string };
  /** Runs a statement as the administrator, over a connection of its own. */
  query(statement: string): Promise<readonly Readonly<Record<string, unknown>>[]>;
  close(): Promise<void>;
}

const administrator = { user: "administrator", password: "s3cret-fixture-administrator" };

/** Starts one in a folder of its own on a free port; resolves when it answers, after about a second. The caller closes it. */
export async function startPostgres(): Promise<Postgres> {
  const folder = mkdtempSync(join(inject("runFolder"), "postgres-"));
  const data = join(folder, "data");
  createDatabase(folder, data);
  const port = await claimPort();
  const settings = {
    listen_addresses: "127.0.0.1",
    port: String(port),
    unix_socket_directories: "",
    // Nobody needs the data after a crash of the machine.
    fsync: "off",
    max_connections: "60",
  };
  const flags = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  const [program = "", ...commandLine] = unprivileged(programPath("postgres"), "-D", data, ...flags);
  const process = startServer(program, commandLine, folder, libraryPath());
  const place = { host: "127.0.0.1", port, database: "postgres" };
  const query: Postgres["query"] = async (statement) => {
    const client = new pg.Client({ ...place, ...administrator });
    await client.connect();
    try {
      return (await client.query(statement)).rows;
    } finally {
      await client.end();
    }
  };
  await untilAnswers(process, query);
  const close = async (): Promise<void> => {
    // Ends connections instead of waiting for them, and unlike a kill leaves no shared memory behind.
    process.signal("SIGINT");
    await process.ended;
  };
  return { ...place, administrator, query, close, [Symbol.asyncDispose]: close };
}

function createDatabase(folder: string, data: string): void {
  mkdirSync(data, { mode: 0o700 });
  const passwordFile = join(folder, "password");
  writeFileSync(passwordFile, administrator.password, { mode: 0o600 });
  if (isRoot()) {
    chmodSync(folder, 0o711);
    for (const path of [data, passwordFile]) chownSync(path, nobody, nobody);
  }
  const initialise = join(dirname(programPath("postgres")), "initdb");
  const options = ["--auth=scram-sha-256", "--encoding=UTF8", "--locale=C", "--no-sync"];
  const [program = "", ...commandLine] = unprivileged(
    initialise,
    `--pgdata=${data}`,
    `--username=${administrator.user}`,
    `--pwfile=${passwordFile}`,
    ...options,
  );
  const env = { ...process.env, ...libraryPath() };
  execFileSync(program, commandLine, { cwd: folder, env, stdio: ["ignore", "ignore", "pipe"] });
}

/** PostgreSQL refuses to run as root. */
function unprivileged(...command: readonly string[]): readonly string[] {
  if (!isRoot()) return command;
  return ["setpriv", `--reuid=${nobody}`, `--regid=${nobody}`, "--clear-groups", ...command];
}

function isRoot(): boolean {
  return process.getuid?.() === 0;
}

/** The libraries that were unpacked beside a server that is not installed. */
function libraryPath(): Record<string, string> {
  const root = join(dirname(programPath("postgres")), "../../../../..");
  const folder = join(root, `usr/lib/${process.arch === "arm64" ? "aarch64" : "x86_64"}-linux-gnu`);
  return root !== "/" && existsSync(folder) ? { LD_LIBRARY_PATH: folder } : {};
}

const nobody = 65_534;

async function untilAnswers(process: ServerProcess, query: Postgres["query"]): Promise<void> {
  const deadline = performance.now() + 30_000;
  while (performance.now() < deadline) {
    try {
      await query("SELECT 1");
      return;
    } catch {
      await sleep(20);
    }
  }
  await process.kill();
  throw new Error(`PostgreSQL did not become ready:\n${process.log()}`);
}
