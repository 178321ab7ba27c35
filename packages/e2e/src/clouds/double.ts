import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { Scenario } from "./private-network.ts";

/** A double of the unit tests: a program of another package, so it is started and not imported. */
const program = join(import.meta.dirname, "../../../providers/test/double-process.ts");

/** What the double has been asked. */
export interface LoggedRequest {
  readonly method: string;
  readonly path: string;
  readonly host: string;
  readonly query: Readonly<Record<string, string>>;
}

/** A double in a process of its own. */
export interface Double {
  readonly port: number;
  /** Calls one of its methods, or one of a member: `entra.expire`. */
  call(name: string, ...args: readonly unknown[]): Promise<unknown>;
  set(member: string, to: unknown): Promise<void>;
  /** Has requests whose path has this in it answered with something else; undefined ends that. */
  answer(on: string, answer: object | undefined): Promise<void>;
  requests(): Promise<readonly LoggedRequest[]>;
  stop(): Promise<void>;
}

/**
 * Starts one. The caller stops it.
 * @param module below the tests of the providers
 * @param secure for TLS at port 443; else it speaks plain HTTP, at a free port unless one is given
 */
export async function startDouble(
  module: string,
  name: string,
  secure?: Pick<Scenario, "certificate" | "key">,
  at: { readonly port?: number; readonly host?: string } = {},
): Promise<Double> {
  const host = at.host ?? "127.0.0.1";
  const place =
    secure === undefined ? [String(at.port ?? 0), "", "", host] : ["443", secure.certificate, secure.key, host];
  const child = fork(program, [module, name, ...place], { execArgv: [], serialization: "advanced" });
  const ended = once(child, "exit");
  const [{ port }] = (await once(child, "message")) as [{ readonly port: number }];
  let id = 0;
  const order = async (content: object): Promise<unknown> => {
    id += 1;
    child.send({ id, ...content });
    const [{ result, error }] = (await once(child, "message")) as [
      { readonly result?: unknown; readonly error?: string },
    ];
    if (error !== undefined) throw new Error(`the double failed: ${error}`);
    return result;
  };
  return {
    port,
    call: (name, ...args) => order({ call: name, args }),
    set: async (set, to) => void (await order({ set, to })),
    answer: async (on, answer) => void (await order({ on, answer })),
    requests: async () => (await order({})) as readonly LoggedRequest[],
    async stop() {
      child.disconnect();
      await ended;
    },
  };
}
