import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

/** A double of the providers' tests: a program of another package, so it is started and not imported. */
const program = fileURLToPath(new URL("../../../providers/test/double-process.ts", import.meta.url));

/** Which double, as its program takes it. */
export interface DoubleName {
  /** Below the tests of the providers. */
  readonly module: string;
  readonly name: string;
}

/** What a double has been asked. */
export interface AskedRequest {
  readonly path?: string;
  /** Of AWS. */
  readonly target?: string;
}

/** The files of a certificate and its key. */
export interface DoubleCertificate {
  readonly certificate: string;
  readonly key: string;
}

/** A double in a process of its own, so that what it costs is not counted. */
export interface StoreDouble extends AsyncDisposable {
  readonly url: string;
  /** Calls one of its methods, or one of a member: `secrets.put`. */
  call(name: string, ...args: readonly unknown[]): Promise<unknown>;
  requests(): Promise<readonly AskedRequest[]>;
}

/** Starts one at a free port, with TLS where there is a certificate. */
export async function startStoreDouble({ module, name }: DoubleName, secure?: DoubleCertificate): Promise<StoreDouble> {
  const place = ["0", ...(secure === undefined ? [] : [secure.certificate, secure.key])];
  const child = fork(program, [module, name, ...place], { execArgv: [], serialization: "advanced" });
  const ended = once(child, "exit");
  const [{ port }] = (await once(child, "message")) as [{ readonly port: number }];
  let id = 0;
  const order = async (content: object): Promise<unknown> => {
    id += 1;
    child.send({ id, ...content });
    const [{ result, error }] = (await once(child, "message")) as [{ result?: unknown; error?: string }];
    if (error !== undefined) throw new Error(`the double failed: ${error}`);
    return result;
  };
  return {
    url: `${secure === undefined ? "http" : "https"}://127.0.0.1:${port}`,
    call: (method, ...args) => order({ call: method, args }),
    requests: async () => (await order({})) as readonly AskedRequest[],
    async [Symbol.asyncDispose]() {
      child.disconnect();
      await ended;
    },
  };
}
