import type { CredentialSource } from "@tacit/core/provider";
import * as z from "zod/mini";

/** Defines a required option. Its description appears in the option table of the docs and in editors. */
export function required<S extends z.core.$ZodType>(description: string, schema: S): S {
  // A copy, because several options may share the schema.
  return described(description, z.clone(schema));
}

/** Defines an optional option. */
export function optional<S extends z.core.$ZodType>(description: string, schema: S): z.ZodMiniOptional<S> {
  return described(description, z.optional(schema));
}

/** Defines an option with a default, which is written as in a document and validated in the same way. */
export function withDefault<S extends z.core.$ZodType>(
  description: string,
  byDefault: z.core.input<S>,
  schema: S,
): z.ZodMiniPrefault<S> {
  return described(description, z.prefault(schema, byDefault as z.core.util.NoUndefined<z.core.input<S>>));
}

/** Text that is not empty. */
export const text: z.ZodMiniString<string> = z.string().check(z.minLength(1, "must not be empty"));

/** The source of a credential. It stays a source after validation, and is read again at each use. */
export const credential: z.ZodMiniType<CredentialSource, CredentialSource> = z.union(
  [z.strictObject({ $env: text }), z.strictObject({ $file: text }), z.strictObject({ $secret: text })],
  'must be {"$env": ...}, {"$file": ...} or {"$secret": ...}',
);

/** Matches a duration: a whole number with a unit. */
export const durationPattern: RegExp = /^\d{1,12}(ms|s|m|h)$/;

/** Returns the schema of a duration such as "20ms", "30s" or "5m", which becomes milliseconds. A number without a unit is refused. */
export function duration(limits: {
  readonly minimumMs: number;
  readonly maximumMs: number;
}): z.ZodMiniType<number, string> {
  const { minimumMs, maximumMs } = limits;
  const written = z
    .string({ error: 'must be text with a unit, such as "30s"' })
    .check(z.regex(durationPattern, 'must be a whole number and one of the units ms, s, m, h, such as "30s"'));
  return z
    .pipe(written, z.transform(toMilliseconds))
    .check(z.refine((ms) => ms >= minimumMs && ms <= maximumMs, `must be between ${minimumMs} ms and ${maximumMs} ms`));
}

/** Returns the schema of a prefix, which is joined to each name by one `/`. @param isPossible returns whether paths of the store can begin with it */
export function prefix(isPossible: (prefix: string) => boolean = () => true): z.ZodMiniType<string, string> {
  return text.check(z.refine(isPossible, "must be a valid path of the store"));
}

/** The schema of a proxy: `environment`, or a URL without user name and password. */
export const proxy: z.ZodMiniType<string, string> = z.union(
  [z.literal("environment"), z.url({ protocol: /^https?$/ }).check(z.refine((address) => !address.includes("@")))],
  { error: 'must be "environment", or an http or https URL without a password' },
);

/** The option `tls` of a provider after validation. */
export interface TlsOptions {
  readonly ca?: CredentialSource | undefined;
  readonly certificate?: CredentialSource | undefined;
  readonly key?: CredentialSource | undefined;
  readonly serverName?: string | undefined;
  readonly verify: boolean;
}

/** The defaults of the parts of `tls`, each as the end of a sentence: "by default ...". */
export type TlsDefaults = Readonly<Partial<Record<"ca" | "certificate" | "key" | "serverName", string>>>;

/** The schema of `tls.verify`, for an adapter that has no other part of `tls`. */
export const verify: z.ZodMiniPrefault<z.ZodMiniBoolean> = withDefault(
  "`false` accepts any certificate; health and `diagnose` report it as an error.",
  true,
  z.boolean(),
);

/** Defines the option `tls`: how the store is verified, and the certificate of this client. @param defaults added to the descriptions */
export function tls(description: string, defaults: TlsDefaults = {}): z.ZodMiniType<TlsOptions, unknown> {
  const descriptionOf = (sentence: string, byDefault: string | undefined): string =>
    byDefault === undefined ? `${sentence}.` : `${sentence}; ${byDefault}.`;
  const schema = z
    .strictObject({
      ca: optional(descriptionOf("The authorities to trust instead of Node's, in PEM", defaults.ca), credential),
      certificate: optional(
        descriptionOf("The client certificate, in PEM, together with `key`", defaults.certificate),
        credential,
      ),
      key: optional(descriptionOf("The private key of the client certificate, in PEM", defaults.key), credential),
      serverName: optional(
        descriptionOf(
          "The name that the store's certificate must carry, if it differs from the host of the address",
          defaults.serverName,
        ),
        text,
      ),
      verify,
    })
    .check(
      z.refine(({ certificate, key }) => (certificate === undefined) === (key === undefined), {
        error: "must give `certificate` and `key` together",
      }),
    );
  return withDefault(description, {}, schema);
}

function described<S extends z.core.$ZodType>(description: string, schema: S): S {
  // `z.describe()` would add a check, which slows each validation down.
  z.globalRegistry.add(schema, { description });
  return schema;
}

/** unit -> its length in milliseconds */
const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

function toMilliseconds(text: string): number {
  const unit = text.replace(/^\d+/, "");
  return Number.parseInt(text, 10) * (unitMs[unit] ?? Number.NaN);
}
