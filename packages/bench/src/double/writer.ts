import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { WriterAnswer, WriterOrder } from "../child/volume-writer.ts";

/** A process that rotates volumes, so that writing costs the reader nothing. */
export interface Writer extends AsyncDisposable {
  /**
   * Carries out one order.
   * @returns the moment of the last rename, in milliseconds of `sharedNow`
   */
  order(order: WriterOrder): Promise<number>;
}

/** Milliseconds of a clock that all processes share. */
export function sharedNow(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

/** Starts the writer process. */
export function startWriter(): Writer {
  const child = fork(fileURLToPath(new URL("../child/volume-writer.ts", import.meta.url)), { execArgv: [] });
  return {
    async order(order) {
      child.send(order);
      const [answer] = (await once(child, "message")) as [WriterAnswer];
      return Number(BigInt(answer.renamedAt)) / 1e6;
    },
    async [Symbol.asyncDispose]() {
      child.kill();
      if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
    },
  };
}
