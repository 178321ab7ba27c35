import type { CredentialSource } from "../contract/contract.ts";

/** One provider of the config document. */
export interface ProviderConfig {
  readonly name: string;
  /** The adapter's name. */
  readonly use: string;
  readonly optional: boolean;
  /** Overrides `supports.defaultPollMs`. */
  readonly pollMs?: number;
  /** The adapter's own options, not yet validated by its schema. */
  readonly options: Readonly<Record<string, unknown>>;
  /** The source of the document, for messages. */
  readonly document?: { readonly place: string; readonly text?: string | undefined };
}

/** Reads one credential source; `$secret` is read through the client. */
export type CredentialReader = (source: CredentialSource) => Promise<Uint8Array>;
