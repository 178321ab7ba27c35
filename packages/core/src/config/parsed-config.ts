import type { Selector } from "../name/selector.ts";
import type { ProviderConfig } from "../provider/provider-config.ts";
import type { FallbackCode } from "../source/decide.ts";

/** The config document after validation: durations are milliseconds, selectors are parsed, `$env` and `$file` are resolved outside of the options of providers. */
export interface ParsedConfig {
  /** The description of its source in messages: `the config file "/app/tacit.json" (from TACIT_CONFIG)`. */
  readonly source: string;
  /** configured name -> provider, in the order of the document */
  readonly providers: ReadonlyMap<string, ProviderConfig>;
  readonly routes: readonly RouteConfig[];
  /** name -> binding */
  readonly bindings: ReadonlyMap<string, BindingConfig>;
  readonly cache: CacheConfig;
  readonly onDenied: "keep" | "throw";
  /** Patterns of the names that may be read; undefined for all names. */
  readonly allow?: readonly string[];
  readonly snapshot?: SnapshotConfig;
}

export interface SnapshotConfig {
  readonly path: string;
  /** The maximum age of a value to restore, since its store last confirmed it. Default: 24 hours. */
  readonly maxAgeMs: number;
  /** Patterns of the names to include; undefined for all names. */
  readonly only?: readonly string[];
  /** The key services, not yet validated by the schema of the key ring. */
  readonly keys: readonly unknown[];
  /** The source of the document, for messages. */
  readonly document?: ProviderConfig["document"];
}

export interface RouteConfig {
  /** The pattern of names: `*` matches within one segment, `**` any segments. */
  readonly match: string;
  readonly to: readonly string[];
  readonly fallbackOn: ReadonlySet<FallbackCode>;
}

export interface BindingPart {
  readonly provider: string;
  readonly path: string;
  readonly select?: Selector;
  /** The version id of the store to pin. */
  readonly version?: string;
  readonly optional: boolean;
}

export type BindingConfig =
  | { readonly kind: "single"; readonly part: BindingPart }
  | { readonly kind: "composite"; readonly fields: ReadonlyMap<string, BindingPart> };

export interface CacheConfig {
  /** How long an undeclared reference is served without another read. Default: 5 minutes. */
  readonly ttlMs: number;
  /** How long a last good value may outlive failures; 0 means never. Default: Infinity. */
  readonly maxStaleMs: number;
  /** How many undeclared secrets are cached. Default: 1000. */
  readonly maxEntries: number;
}
