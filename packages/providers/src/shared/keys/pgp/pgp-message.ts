import type { CallContext } from "@tacit/core/provider";

/** What opening a message takes. */
export interface PgpMessage {
  readonly message: string;
  /** Whether a valid signature by a known key is asked for. */
  readonly signed: boolean;
}

/** Opens messages. @returns undefined where none of its keys is a recipient */
export type PgpOpener = (message: PgpMessage, context: CallContext) => Promise<Uint8Array | undefined>;
