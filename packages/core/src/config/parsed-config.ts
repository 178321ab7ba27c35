import type { Selector } from "../name/selector.ts";
import type { ProviderConfig } from "../provider/provider-config.ts";
import type { FallbackCode } from "../source/decide.ts";

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
  readonly snapshot?: SnapshotConfig;
}

export interface SnapshotConfig {
  readonly path: string;
  /** How long ago the store may have confirmed a value that is restored; default 24 hours. */
  readonly maxAgeMs: number;
  /** Patterns of the names that may stand in it; absent means every name. */
  readonly only?: readonly string[];
  /** Not yet validated by the schema of the key ring. */
  readonly keys: readonly unknown[];
  /** The source of the document, for messages. */
  readonly document?: ProviderConfig["document"];
}

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
