import * as z from "zod/mini";
import { isSecretError, SecretError } from "../error/secret-error.ts";
import { assertName } from "../name/reference.ts";
import { parseSelector, type Selector } from "../name/selector.ts";
import type { FallbackCode } from "../source/decide.ts";
import { parseDuration } from "../time/duration.ts";
import { patternProblem } from "./pattern-problem.ts";

/** A valid document: durations are milliseconds, selectors are parsed, defaults are set. */
export interface ValidDocument {
  readonly providers: Readonly<Record<string, ProviderEntry>>;
  readonly routes: readonly { match: string; to: readonly string[]; fallbackOn: readonly FallbackCode[] }[];
  readonly bindings: Readonly<Record<string, PartEntry | { fields: Readonly<Record<string, PartEntry>> }>>;
  readonly cache: { readonly ttl: number; readonly maxStale: number; readonly maxEntries: number };
  readonly onDenied: "keep" | "throw";
  readonly allow?: readonly string[] | undefined;
  readonly snapshot?: SnapshotSection | undefined;
}

/** The section `snapshot`; `keys` are unvalidated, since the key ring has a schema for them. */
interface SnapshotSection {
  readonly path: string;
  readonly keys: readonly Readonly<Record<string, unknown>>[];
  readonly maxAge: number;
  readonly only?: readonly string[] | undefined;
}

/** A configured provider: the keys that core reads, and the options of the adapter. */
export interface ProviderEntry {
  readonly use: string;
  readonly optional: boolean;
  readonly pollInterval?: number | undefined;
  readonly [option: string]: unknown;
}

/** The keys of a provider that core reads; all others are options of the adapter. */
export const providerKeys: readonly string[] = ["use", "optional", "pollInterval"];

/** One source of a binding. */
export interface PartEntry {
  readonly provider: string;
  readonly path: string;
  readonly select?: Selector | undefined;
  readonly version?: string | undefined;
  readonly optional?: boolean | undefined;
}

const durationForm = "^\\d{1,15}(ms|s|m|h|d)$";

const providerSchema = described(
  "A configured store; the keys not listed here are the options of its adapter.",
  z.looseObject({
    use: text("The adapter, a key of `adapters`."),
    optional: described(
      "Lets the client start even if this provider cannot be opened.",
      z.prefault(z.boolean(), false),
    ),
    pollInterval: z.optional(
      duration("How often a secret is polled, in addition to any push; the default depends on the adapter."),
    ),
  }),
);

const routeSchema = z.strictObject({
  match: pattern("The names of this route; `*` matches within a segment, `**` any number of segments."),
  to: described("Providers in order of preference.", z.array(text("A key of `providers`.")).check(z.minLength(1))),
  fallbackOn: described(
    "The outcomes after which the next provider is asked; by default none.",
    z.prefault(z.array(z.enum(["NOT_FOUND", "UNAVAILABLE", "THROTTLED"])), []),
  ),
});

const partKeys = {
  provider: text("A key of `providers`."),
  path: text("The path in that provider's store, used unchanged."),
  select: z.optional(checked(toSelector, { description: "A field, or a JSON pointer that begins with a slash." })),
  version: z.optional(text("The version id of the store to pin.")),
};

function toSelector(written: unknown): Selector {
  if (typeof written === "string") return parseSelector(written);
  throw new SecretError("INVALID_NAME", "must be text", { tip: 'Write a field such as "password", or "/a/b".' });
}

const fieldSchema = z.strictObject({
  ...partKeys,
  optional: described("Whether the field may be missing.", z.optional(z.boolean())),
});

const compositeSchema = z.strictObject({
  fields: described(
    "One source per field.",
    z
      .record(z.string().check(z.minLength(1)), fieldSchema)
      .check(z.refine((fields) => Object.keys(fields).length > 0, "must list at least one field")),
  ),
});

const nameSchema = z.string().check((context) => {
  try {
    assertName(context.value);
  } catch (error) {
    if (!isSecretError(error)) throw error;
    context.issues.push({ code: "custom", message: error.message, input: context.value, params: { tip: error.tip } });
  }
});

const cacheSchema = z.strictObject({
  ttl: z.prefault(duration("How long an undeclared reference is served without another read."), "5m"),
  maxStale: z.prefault(
    checked((written) => (written === "unlimited" ? Infinity : parseDuration(written, { zero: true })), {
      pattern: `^unlimited$|${durationForm}`,
      description: 'How long a last good value may outlive failures: "unlimited" or a duration; "0s" means never.',
    }),
    "unlimited",
  ),
  maxEntries: described("How many undeclared secrets are cached.", z.prefault(z.int().check(z.minimum(1)), 1000)),
});

const snapshotSchema = z.strictObject({
  path: text("The file. Its directory must exist, and no other user may write to it."),
  keys: described(
    "Key services: the first one encrypts, all of them decrypt.",
    z
      .array(z.looseObject({ use: text("A kind of key service, such as `local`.") }))
      .check(z.minLength(1, "must name at least one key")),
  ),
  maxAge: z.prefault(duration("The greatest age of a value to restore, since its store last confirmed it."), "24h"),
  only: described(
    "The names to include; by default every name that is allowed.",
    z.optional(z.array(pattern("Names to include in the file."))),
  ),
});

/**
 * The schema of a document with resolved sources. It does not contain the options of providers, since each adapter has its own
 * schema. issue-text.ts contains the texts of its issues, except those of `custom` issues.
 */
export const configSchema: z.ZodMiniType<ValidDocument, unknown> = z.strictObject({
  $schema: described("For editors; not read.", z.optional(z.string())),
  providers: described(
    "The configured stores, by a name of your choice.",
    z.record(z.string().check(z.regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/)), providerSchema),
  ),
  routes: described(
    "The providers of each pattern of names; the longest literal prefix wins.",
    z.prefault(z.array(routeSchema), []),
  ),
  bindings: described(
    "The exact place of single names, as a path or as a composition of fields; bindings take precedence over routes.",
    z.prefault(z.record(nameSchema, z.union([z.strictObject(partKeys), compositeSchema])), {}),
  ),
  cache: described("How long values are kept.", z.prefault(cacheSchema, {})),
  onDenied: described(
    "After a denial, `keep` serves the last good value and `throw` fails.",
    z.prefault(z.enum(["keep", "throw"]), "keep"),
  ),
  allow: described(
    "The names that may be read; by default all.",
    z.optional(z.array(pattern("Names that may be read."))),
  ),
  snapshot: described(
    "An encrypted file of the current values, to start from while stores do not answer.",
    z.optional(snapshotSchema),
  ),
});

function described<S extends z.core.$ZodType>(description: string, schema: S): S {
  z.globalRegistry.add(schema, { description });
  return schema;
}

/** Creates a schema from a function that throws. The message of its error, which must not quote the input, becomes that of the issue. */
function checked<T>(
  parse: (text: unknown) => T,
  json: { pattern?: string; description: string },
): z.ZodMiniType<T, unknown> {
  const read = z.transform((text: unknown, context): T => {
    try {
      return parse(text);
    } catch (error) {
      if (!isSecretError(error)) throw error;
      const params = { reason: error.code === "INVALID_NAME" ? "name" : error.reason, tip: error.tip };
      context.issues.push({ code: "custom", message: error.message, input: text, params });
      return z.NEVER;
    }
  });
  return z.pipe(z.unknown(), read).register(z.globalRegistry, { type: "string", ...json });
}

function duration(description: string): z.ZodMiniType<number, unknown> {
  return checked((text) => parseDuration(text), { pattern: durationForm, description });
}

function text(description: string): z.ZodMiniString {
  return described(description, z.string().check(z.minLength(1)));
}

function pattern(description: string): z.ZodMiniString {
  const schema = z.string().check((context) => {
    const message = patternProblem(context.value);
    const params = { reason: "pattern", tip: 'Write a name in which "*" and "**" may stand for something: "db/**".' };
    if (message !== undefined) context.issues.push({ code: "custom", message, input: context.value, params });
  });
  return described(description, schema);
}
