import { z } from "zod";
import { isSecretError, SecretError } from "../error/secret-error.ts";
import { assertName } from "../name/reference.ts";
import { parseSelector, type Selector } from "../name/selector.ts";
import type { FallbackCode } from "../source/decide.ts";
import { parseDuration } from "../time/duration.ts";
import { patternProblem } from "./pattern-problem.ts";

/** A document that fits: durations are milliseconds, selectors are parsed, defaults are filled in. */
export interface ConfigDocument {
  readonly providers: Readonly<Record<string, ProviderEntry>>;
  readonly routes: readonly { match: string; to: readonly string[]; fallbackOn: readonly FallbackCode[] }[];
  readonly bindings: Readonly<Record<string, PartEntry | { fields: Readonly<Record<string, PartEntry>> }>>;
  readonly cache: { readonly ttl: number; readonly maxStale: number; readonly maxEntries: number };
  readonly onDenied: "keep" | "throw";
  readonly allow?: readonly string[] | undefined;
}

/** The keys that core reads; the others are the adapter's. */
export interface ProviderEntry {
  readonly use: string;
  readonly optional: boolean;
  readonly pollInterval?: number | undefined;
  readonly [option: string]: unknown;
}

/** One source of a binding. */
export interface PartEntry {
  readonly provider: string;
  readonly path: string;
  readonly select?: Selector | undefined;
  readonly version?: string | undefined;
  readonly optional?: boolean | undefined;
}

/** A schema whose issues come from a function that throws: its error's text, which quotes nothing, becomes the issue's. */
function checked<T>(
  parse: (text: unknown) => T,
  json: { pattern?: string; description: string },
): z.ZodType<T, unknown> {
  const transform = (text: unknown, context: z.core.$RefinementCtx): T => {
    try {
      return parse(text);
    } catch (error) {
      if (!isSecretError(error)) throw error;
      const params = { reason: error.code === "INVALID_NAME" ? "name" : error.reason, tip: error.tip };
      context.issues.push({ code: "custom", message: error.message, input: text, params });
      return z.NEVER;
    }
  };
  return z
    .unknown()
    .transform(transform)
    .meta({ type: "string", ...json });
}

const durationForm = "^\\d{1,15}(ms|s|m|h|d)$";

function duration(description: string, options: { zero?: boolean } = {}): z.ZodType<number, unknown> {
  return checked((text) => parseDuration(text, options), { pattern: durationForm, description });
}

function text(description: string): z.ZodString {
  return z.string().min(1).describe(description);
}

function pattern(description: string): z.ZodType<string, string> {
  return z
    .string()
    .superRefine((written, context) => {
      const message = patternProblem(written);
      const params = { reason: "pattern", tip: 'Write a name in which "*" and "**" may stand for something: "db/**".' };
      if (message !== undefined) context.issues.push({ code: "custom", message, input: written, params });
    })
    .describe(description);
}

const providerSchema = z
  .looseObject({
    use: text("The entry of `adapters` that reads this store."),
    optional: z.boolean().prefault(false).describe("Whether it may fail to open without failing the start."),
    pollInterval: duration(
      "How often a kept secret is read again beneath any push; the adapter has its own default.",
    ).optional(),
  })
  .describe("One configured store; the keys not listed are the options of its adapter.");

const routeSchema = z.strictObject({
  match: pattern("Names that take this route; `*` within a segment and `**` for any segments are special."),
  to: z.array(text("A key of `providers`.")).min(1).describe("Providers in order of preference."),
  fallbackOn: z
    .array(z.enum(["NOT_FOUND", "UNAVAILABLE", "THROTTLED"]))
    .prefault([])
    .describe("Outcomes after which the next provider is asked; by default none."),
});

const partKeys = {
  provider: text("A key of `providers`."),
  path: text("What that provider asks its store, as it is."),
  select: checked(toSelector, {
    description: "A field, or a JSON pointer that begins with a slash.",
  }).optional(),
  version: text("A version id of the store, to pin one.").optional(),
};

function toSelector(written: unknown): Selector {
  if (typeof written === "string") return parseSelector(written);
  throw new SecretError("INVALID_NAME", "must be text", { tip: 'Write a field such as "password", or "/a/b".' });
}

const compositeSchema = z.strictObject({
  fields: z
    .record(
      z.string().min(1),
      z.strictObject({ ...partKeys, optional: z.boolean().optional().describe("Whether the field may be missing.") }),
    )
    .refine((fields) => Object.keys(fields).length > 0, { error: "must list at least one field" })
    .describe("One source per field."),
});

const nameSchema = z.string().superRefine((name, context) => {
  try {
    assertName(name);
  } catch (error) {
    if (!isSecretError(error)) throw error;
    context.issues.push({ code: "custom", message: error.message, input: name, params: { tip: error.tip } });
  }
});

const cacheSchema = z.strictObject({
  ttl: duration("How long an undeclared reference is served without asking again.").prefault("5m"),
  maxStale: checked((written) => (written === "unlimited" ? Infinity : parseDuration(written, { zero: true })), {
    pattern: `^unlimited$|${durationForm}`,
    description: 'How long a last good value may outlive failures: "unlimited" or a duration; "0s" means never.',
  }).prefault("unlimited"),
  maxEntries: z.int().min(1).prefault(1000).describe("How many undeclared secrets are held."),
});

/**
 * The schema of a document whose sources are resolved. Loaded by `import()` alone. A provider's options are not in it:
 * each adapter has its own schema. The texts of issues are written in schema-problems.ts, those of `custom` ones apart.
 */
export const configSchema: z.ZodType<ConfigDocument, unknown> = z.strictObject({
  $schema: z.string().optional().describe("For editors; not read."),
  providers: z
    .record(z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/), providerSchema)
    .describe("The configured stores, by a name of your choice."),
  routes: z.array(routeSchema).prefault([]).describe("Which names go where; the longest literal prefix wins."),
  bindings: z
    .record(nameSchema, z.union([z.strictObject(partKeys), compositeSchema]))
    .prefault({})
    .describe("Names whose place is written out: renamed, or composed of fields; they beat routes."),
  cache: cacheSchema.prefault({}).describe("How long values are kept."),
  onDenied: z.enum(["keep", "throw"]).prefault("keep").describe("What a read does once the store denies it."),
  allow: z
    .array(pattern("Names that may be asked for."))
    .optional()
    .describe("By default every name may be asked for."),
});
