import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { claimPort } from "../cluster/claim-port.ts";
import { type ServerProcess, startServer } from "../cluster/server-process.ts";
import { type AuditLog, createAuditLog } from "./audit-log.ts";
import { createVaultAdministrator, type VaultAdministrator } from "./vault-administrator.ts";
import { commandLines, type VaultProgram } from "./vault-program.ts";
import { askVault, type VaultReply, type VaultRequest } from "./vault-request.ts";

/** A Vault or an OpenBao, unsealed and with an audit device, that can be taken down and brought back on the same port. */
export interface VaultServer extends AsyncDisposable {
  readonly url: string;
  /** File with the certificates to trust; none on plain HTTP. */
  readonly certificateAuthority?: string;
  readonly administrator: VaultAdministrator;
  readonly audit: AuditLog;
  /** The process of the last start. */
  readonly process: ServerProcess;
  /** A call as its path, token and body say, without our client. */
  ask(request: VaultRequest): Promise<VaultReply>;
  /** Starts it anew, after `process.kill`; it is sealed then. Keeps its data only with file storage. */
  start(): Promise<void>;
  /** Vault forgets its keys, and answers 503 to everybody. */
  seal(): Promise<void>;
  /** Resolves when it serves again. */
  unseal(): Promise<void>;
  close(): Promise<void>;
}

/** What differs from a Vault in memory that speaks plain HTTP. */
export interface VaultServerOptions {
  /** Default "vault". */
  readonly program?: VaultProgram;
  /** Default "memory". */
  readonly storage?: "memory" | "file";
  /** Files in PEM; the authority is what clients trust. */
  readonly tls?: { readonly certificate: string; readonly key: string; readonly certificateAuthority: string };
}

/**
 * Starts one on a free port; resolves when it is unsealed, after about half a second. The caller closes it.
 * @param path of the program
 * @param folder for all that it writes
 */
export async function runVault(
  path: string,
  folder: string,
  { program = "vault", storage = "memory", tls }: VaultServerOptions = {},
): Promise<VaultServer> {
  const address = `127.0.0.1:${await claimPort()}`;
  const url = `${tls === undefined ? "http" : "https"}://${address}`;
  const clusterAddress = `127.0.0.1:${await claimPort()}`;
  const commandLine = commandLines[program]({ address, clusterAddress, folder, storage, tls });
  const ask = (request: VaultRequest): Promise<VaultReply> => askVault(url, request, tls?.certificateAuthority);
  const launch = async (): Promise<ServerProcess> => {
    const process = startServer(path, commandLine, folder);
    await untilHealth(process, ask, (status) => status > 0);
    return process;
  };
  let process = await launch();
  const { keys, token } = await initialise(ask);
  const unseal = async (): Promise<void> => {
    await ask({ method: "PUT", path: "sys/unseal", body: { key: keys } });
    await untilHealth(process, ask, (status) => status === 200);
  };
  await unseal();
  const administrator = createVaultAdministrator(ask, token);
  const audit = createAuditLog(join(folder, "audit.log"));
  await administrator.write("sys/audit/file", { type: "file", options: { file_path: audit.file } });
  const close = (): Promise<void> => process.kill();
  return {
    url,
    ...(tls === undefined ? {} : { certificateAuthority: tls.certificateAuthority }),
    administrator,
    audit,
    get process() {
      return process;
    },
    ask,
    async start() {
      process = await launch();
    },
    async seal() {
      await administrator.write("sys/seal", {});
      await untilHealth(process, ask, (status) => status === 503);
    },
    unseal,
    close,
    [Symbol.asyncDispose]: close,
  };
}

type Ask = VaultServer["ask"];

async function initialise(ask: Ask): Promise<{ readonly keys: string; readonly token: string }> {
  const { body } = await ask({ method: "PUT", path: "sys/init", body: { secret_shares: 1, secret_threshold: 1 } });
  const { keys_base64: [keys = ""] = [], root_token: token = "" } = body as Initialised;
  return { keys, token };
}

interface Initialised {
  readonly keys_base64?: readonly string[];
  readonly root_token?: string;
}

async function untilHealth(process: ServerProcess, ask: Ask, fits: (status: number) => boolean): Promise<void> {
  const deadline = performance.now() + 30_000;
  let isRunning = true;
  void process.ended.then(() => {
    isRunning = false;
  });
  while (isRunning && performance.now() < deadline) {
    const answer = await ask({ method: "GET", path: "sys/health" }).catch(() => undefined);
    if (answer !== undefined && fits(answer.status)) return;
    await sleep(20);
  }
  await process.kill();
  throw new Error(`the server did not become what it should:\n${process.log()}`);
}
