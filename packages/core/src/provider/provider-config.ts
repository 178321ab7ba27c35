import type { CredentialSource } from "../contract/contract.ts";

/** One provider of the config document. */
export interface ProviderConfig {
  readonly name: string;
  /** The name of the adapter. */
  readonly use: string;
  readonly optional: boolean;
  /** Overrides `supports.defaultPollMs`. */
  readonly pollMs?: number;
  /** The options of the adapter, not yet validated by its schema. */
  readonly options: Readonly<Record<string, unknown>>;
  /** The source of the document, for messages. */
  readonly document?: { readonly place: string; readonly text?: string | undefined };
}

/** Reads a credential source; the client reads `$secret`. */
export type CredentialReader = (source: CredentialSource) => Promise<Uint8Array>;
