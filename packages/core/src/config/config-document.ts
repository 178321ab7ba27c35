// Written by `pnpm generate` from config-schema.ts.

/** Where a config document comes from: the document itself, or the file that holds it. */
export type ConfigSource = ConfigDocument | URL | string;

/** Stands for any text, number or flag of a config document: a variable, or a file less one final line end. */
export type ValueSource = { readonly $env: string } | { readonly $file: string };

/** A config document as `createSecrets({ config })` takes it inline. The options of a provider are those of its adapter. */
export interface ConfigDocument {
  /** For editors; not read. */
  readonly $schema?: string | ValueSource;
  /** The configured stores, by a name of your choice. */
  readonly providers: Readonly<
    Record<
      string,
      {
        /** The entry of `adapters` that reads this store. */
        readonly use: string | ValueSource;
        /** Whether it may fail to open without failing the start. */
        readonly optional?: boolean | ValueSource;
        /** How often a kept secret is read again beneath any push; the adapter has its own default. */
        readonly pollInterval?: string | ValueSource;
        readonly [option: string]: unknown;
      }
    >
  >;
  /** Which names go where; the longest literal prefix wins. */
  readonly routes?: readonly {
    /** Names that take this route; `*` within a segment and `**` for any segments are special. */
    readonly match: string | ValueSource;
    /** Providers in order of preference. */
    readonly to: readonly (string | ValueSource)[];
    /** Outcomes after which the next provider is asked; by default none. */
    readonly fallbackOn?: readonly ("NOT_FOUND" | "UNAVAILABLE" | "THROTTLED" | ValueSource)[];
  }[];
  /** Names whose place is written out: renamed, or composed of fields; they beat routes. */
  readonly bindings?: Readonly<
    Record<
      string,
      | {
          /** A key of `providers`. */
          readonly provider: string | ValueSource;
          /** What that provider asks its store, as it is. */
          readonly path: string | ValueSource;
          /** A field, or a JSON pointer that begins with a slash. */
          readonly select?: string | ValueSource;
          /** A version id of the store, to pin one. */
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
                /** What that provider asks its store, as it is. */
                readonly path: string | ValueSource;
                /** A field, or a JSON pointer that begins with a slash. */
                readonly select?: string | ValueSource;
                /** A version id of the store, to pin one. */
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
    /** How long an undeclared reference is served without asking again. */
    readonly ttl?: string | ValueSource;
    /** How long a last good value may outlive failures: "unlimited" or a duration; "0s" means never. */
    readonly maxStale?: string | ValueSource;
    /** How many undeclared secrets are held. */
    readonly maxEntries?: number | ValueSource;
  };
  /** What a read does once the store denies it. */
  readonly onDenied?: "keep" | "throw" | ValueSource;
  /** By default every name may be asked for. */
  readonly allow?: readonly (string | ValueSource)[];
  /** An encrypted file of the values held, for a start while stores do not answer. */
  readonly snapshot?: {
    /** The file; its directory must exist, and nobody else may write there. */
    readonly path: string | ValueSource;
    /** Key services: the first one encrypts, all of them decrypt. */
    readonly keys: readonly {
      /** A kind of key service, such as `local`. */
      readonly use: string | ValueSource;
      readonly [option: string]: unknown;
    }[];
    /** How long ago the store may have confirmed a value that is restored at a start. */
    readonly maxAge?: string | ValueSource;
    /** By default every name that may be asked for. */
    readonly only?: readonly (string | ValueSource)[];
  };
}
