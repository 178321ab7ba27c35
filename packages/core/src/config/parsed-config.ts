import type { CredentialSource } from "../contract/contract.ts";
import type { Selector } from "../name/selector.ts";

/** The config document after validation: durations are milliseconds, selectors are parsed, `$env` and `$file` scalars are resolved. */
export interface ParsedConfig {
  /** Where it came from, for messages: a path, `TACIT_CONFIG`, `inline`, `default`. */
  readonly source: string;
  /** configured name -> provider; in document order */
  readonly providers: ReadonlyMap<string, ProviderConfig>;
  readonly routes: readonly RouteConfig[];
  /** name -> binding */
  readonly bindings: ReadonlyMap<string, BindingConfig>;
  readonly cache: CacheConfig;
  readonly onDenied: "keep" | "throw";
  /** Patterns of the names that may be asked for; absent means every name. */
  readonly allow?: readonly string[];
}

export interface ProviderConfig {
  readonly name: string;
  /** The adapter's name. */
  readonly use: string;
  readonly optional: boolean;
  /** Overrides `supports.defaultPollMs`. */
  readonly pollMs?: number;
  /** The adapter's own options, not yet validated by its schema. */
  readonly options: Readonly<Record<string, unknown>>;
}

export type FallbackCode = "NOT_FOUND" | "UNAVAILABLE" | "THROTTLED";

export interface RouteConfig {
  /** Only `*` (within one segment) and `**` (any segments) are special. */
  readonly match: string;
  readonly to: readonly string[];
  readonly fallbackOn: ReadonlySet<FallbackCode>;
}

export interface BindingPart {
  readonly provider: string;
  readonly path: string;
  readonly select?: Selector;
  /** A raw version id of the store. */
  readonly version?: string;
  readonly optional: boolean;
}

export type BindingConfig =
  | { readonly kind: "single"; readonly part: BindingPart }
  | { readonly kind: "composite"; readonly fields: ReadonlyMap<string, BindingPart> };

export interface CacheConfig {
  /** How long an undeclared reference is served without asking again; default 5 minutes. */
  readonly ttlMs: number;
  /** How long a last good value may outlive failures; default Infinity; 0 means never. */
  readonly maxStaleMs: number;
  /** How many unpinned entries are held; default 1000. */
  readonly maxEntries: number;
}

/** Reads one credential source; `$secret` is read through the client. */
export type CredentialReader = (source: CredentialSource) => Promise<Uint8Array>;
