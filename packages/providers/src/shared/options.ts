import type { CredentialSource } from "@tacit/core/provider";
import * as z from "zod/mini";

/** An option that must be given. Its description is its row in the option table of the docs, and its tip in an editor. */
export function required<S extends z.core.$ZodType>(description: string, schema: S): S {
  // A copy, since the schema may be one that several options share.
  return described(description, z.clone(schema));
}

/** An option that may be left out. */
export function optional<S extends z.core.$ZodType>(description: string, schema: S): z.ZodMiniOptional<S> {
  return described(description, z.optional(schema));
}

/** An option that has a default: it is written as in a document, and validated like what stands there. */
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

/** A whole number and its unit. */
export const durationPattern: RegExp = /^\d{1,12}(ms|s|m|h)$/;

/** A duration such as "20ms", "30s" or "5m", which becomes milliseconds. A bare number has no unit and is refused. */
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

/** A prefix of names, joined to each by one `/`. @param isPossible whether the store could hold something below it */
export function prefix(isPossible: (prefix: string) => boolean = () => true): z.ZodMiniType<string, string> {
  return text.check(z.refine(isPossible, "must be a valid path of the store"));
}

/** `environment`, or the URL of a proxy, which must hold no password. */
export const proxy: z.ZodMiniType<string, string> = z.union(
  [z.literal("environment"), z.url({ protocol: /^https?$/ }).check(z.refine((address) => !address.includes("@")))],
  { error: 'must be "environment", or an http or https URL without a password' },
);

/** `tls` of a provider after validation. */
export interface TlsOptions {
  readonly ca?: CredentialSource | undefined;
  readonly certificate?: CredentialSource | undefined;
  readonly key?: CredentialSource | undefined;
  readonly serverName?: string | undefined;
  readonly verify: boolean;
}

/** Where an adapter takes the parts of `tls` from that a document leaves out, as the end of a sentence: "by default ...". */
export type TlsDefaults = Readonly<Partial<Record<"ca" | "certificate" | "key" | "serverName", string>>>;

/** `tls.verify`, for an adapter that takes everything else from somewhere else. */
export const verify: z.ZodMiniPrefault<z.ZodMiniBoolean> = withDefault(
  "`false` accepts any certificate; health and `diagnose` report it as an error.",
  true,
  z.boolean(),
);

/** The option `tls`: how a store is checked and how this client shows itself. @param defaults told in the descriptions */
export function tls(description: string, defaults: TlsDefaults = {}): z.ZodMiniType<TlsOptions, unknown> {
  const told = (sentence: string, byDefault: string | undefined): string =>
    byDefault === undefined ? `${sentence}.` : `${sentence}; ${byDefault}.`;
  const schema = z
    .strictObject({
      ca: optional(told("The authorities to trust instead of Node's, in PEM", defaults.ca), credential),
      certificate: optional(
        told("The client certificate, in PEM, together with `key`", defaults.certificate),
        credential,
      ),
      key: optional(told("The private key of the client certificate, in PEM", defaults.key), credential),
      serverName: optional(
        told(
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
  // Unlike `z.describe()`, this adds no check, which would cost each validation something.
  z.globalRegistry.add(schema, { description });
  return schema;
}

/** unit -> its length in milliseconds */
const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

function toMilliseconds(text: string): number {
  const unit = text.replace(/^\d+/, "");
  return Number.parseInt(text, 10) * (unitMs[unit] ?? Number.NaN);
}
