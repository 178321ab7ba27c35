// Written by `pnpm generate` from config-schema.ts.

/** The source of a config document: the document itself, or its file. */
export type ConfigSource = ConfigDocument | URL | string;

/** Replaces any string, number or boolean of a config document: a variable, or a file without its final line end. */
export type ValueSource = { readonly $env: string } | { readonly $file: string };

/** A config document for `createSecrets({ config })`. The options of a provider are those of its adapter. */
export interface ConfigDocument {
  /** For editors; not read. */
  readonly $schema?: string | ValueSource;
  /** The configured stores, by a name of your choice. */
  readonly providers: Readonly<
    Record<
      string,
      {
        /** The adapter, a key of `adapters`. */
        readonly use: string | ValueSource;
        /** Lets the client start even if this provider cannot be opened. */
        readonly optional?: boolean | ValueSource;
        /** How often a secret is polled, in addition to any push; the default depends on the adapter. */
        readonly pollInterval?: string | ValueSource;
        readonly [option: string]: unknown;
      }
    >
  >;
  /** The providers of each pattern of names; the longest literal prefix wins. */
  readonly routes?: readonly {
    /** The names of this route; `*` matches within a segment, `**` any number of segments. */
    readonly match: string | ValueSource;
    /** Providers in order of preference. */
    readonly to: readonly (string | ValueSource)[];
    /** The outcomes after which the next provider is asked; by default none. */
    readonly fallbackOn?: readonly ("NOT_FOUND" | "UNAVAILABLE" | "THROTTLED" | ValueSource)[];
  }[];
  /** The exact place of single names, as a path or as a composition of fields; bindings take precedence over routes. */
  readonly bindings?: Readonly<
    Record<
      string,
      | {
          /** A key of `providers`. */
          readonly provider: string | ValueSource;
          /** The path in that provider's store, used unchanged. */
          readonly path: string | ValueSource;
          /** A field, or a JSON pointer that begins with a slash. */
          readonly select?: string | ValueSource;
          /** The version id of the store to pin. */
          readonly version?: string | ValueSource;
        }
      | {
          /** One source per field. */
          readonly fields: Readonly<
            Record<
              string,
              {
                /** A key of `providers`. */
                readonly provider: string | ValueSource;
                /** The path in that provider's store, used unchanged. */
                readonly path: string | ValueSource;
                /** A field, or a JSON pointer that begins with a slash. */
                readonly select?: string | ValueSource;
                /** The version id of the store to pin. */
                readonly version?: string | ValueSource;
                /** Whether the field may be missing. */
                readonly optional?: boolean | ValueSource;
              }
            >
          >;
        }
    >
  >;
  /** How long values are kept. */
  readonly cache?: {
    /** How long an undeclared reference is served without another read. */
    readonly ttl?: string | ValueSource;
    /** How long a last good value may outlive failures: "unlimited" or a duration; "0s" means never. */
    readonly maxStale?: string | ValueSource;
    /** How many undeclared secrets are cached. */
    readonly maxEntries?: number | ValueSource;
  };
  /** After a denial, `keep` serves the last good value and `throw` fails. */
  readonly onDenied?: "keep" | "throw" | ValueSource;
  /** The names that may be read; by default all. */
  readonly allow?: readonly (string | ValueSource)[];
  /** An encrypted file of the current values, to start from while stores do not answer. */
  readonly snapshot?: {
    /** The file. Its directory must exist, and no other user may write to it. */
    readonly path: string | ValueSource;
    /** Key services: the first one encrypts, all of them decrypt. */
    readonly keys: readonly {
      /** A kind of key service, such as `local`. */
      readonly use: string | ValueSource;
      readonly [option: string]: unknown;
    }[];
    /** The greatest age of a value to restore, since its store last confirmed it. */
    readonly maxAge?: string | ValueSource;
    /** The names to include; by default every name that is allowed. */
    readonly only?: readonly (string | ValueSource)[];
  };
}
