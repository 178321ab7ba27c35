import type { CallContext } from "@tacit/core/provider";

/** A message to decrypt. */
export interface PgpMessage {
  readonly message: string;
  /** Whether a valid signature of a known key is required. */
  readonly signed: boolean;
}

/** Decrypts messages. @returns undefined if none of its keys is a recipient */
export type PgpOpener = (message: PgpMessage, context: CallContext) => Promise<Uint8Array | undefined>;
