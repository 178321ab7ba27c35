import type { DoubleAnswer } from "../../http-double.ts";
import { type EngineCall, refusedWith, replied } from "./engine-call.ts";

/** Responses that wait for their tokens. */
export class WrappingDouble {
  readonly #waiting = new Map<string, { readonly creationPath: string; readonly reply: DoubleAnswer }>();
  #serial = 0;

  /** Wraps a response; its token. */
  wrap(creationPath: string, reply: DoubleAnswer): string {
    const token = `s3cret-fixture-wrapping-${++this.#serial}`;
    this.#waiting.set(token, { creationPath, reply });
    return token;
  }

  answer(call: EngineCall): DoubleAnswer | undefined {
    if (call.path === "sys/wrapping/lookup") {
      const found = this.#waiting.get(String(call.body.token));
      if (found === undefined) return unknown(call);
      return replied({ creation_path: found.creationPath, creation_time: "2026-01-01T00:00:00Z", creation_ttl: 60 });
    }
    if (call.path !== "sys/wrapping/unwrap") return undefined;
    const found = this.#waiting.get(call.token);
    this.#waiting.delete(call.token);
    return found?.reply ?? unknown(call);
  }
}

function unknown(call: EngineCall): DoubleAnswer {
  return refusedWith(400, "wrapping token is not valid or does not exist", call);
}
