import type { DoubleAnswer } from "../../http-double.ts";
import { type DoubleRequest, envelope } from "./request.ts";

/** One request, as an engine of the double sees it. */
export interface EngineCall extends Pick<DoubleRequest, "method" | "path" | "body"> {
  /** Empty where none was sent. */
  readonly token: string;
}

/** A success with `data`, and perhaps a lease. */
export function replied(data: unknown, members: Readonly<Record<string, unknown>> = {}): DoubleAnswer {
  return { status: 200, body: envelope(JSON.stringify(data), members) };
}

/** A refusal. Vault's own words come first; then it quotes what was sent, as some of its errors do. */
export function refusedWith(status: number, words: string, { body }: Pick<EngineCall, "body">): DoubleAnswer {
  return { status, body: { errors: [words, `quoted: ${JSON.stringify(body)} s3cret-fixture-of-an-error`] } };
}
