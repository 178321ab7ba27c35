import type { CredentialSource } from "@tacit/core/provider";
import { z } from "zod";

/** Text that says something. */
export const text: z.ZodString = z.string().min(1, "must not be empty");

/** The source of a credential. It stays a source after validation, and is read again at each use. */
export const credential: z.ZodType<CredentialSource> = z.union(
  [z.strictObject({ $env: text }), z.strictObject({ $file: text }), z.strictObject({ $secret: text })],
  'must be {"$env": ...}, {"$file": ...} or {"$secret": ...}',
);

/** A whole number and its unit. */
export const durationPattern: RegExp = /^\d{1,12}(ms|s|m|h)$/;

/** A duration such as "20ms", "30s" or "5m", which becomes milliseconds. A bare number has no unit and is refused. */
export function duration(limits: {
  readonly minimumMs: number;
  readonly maximumMs: number;
}): z.ZodType<number, string> {
  const { minimumMs, maximumMs } = limits;
  return z
    .string({ error: 'must be text with a unit, such as "30s"' })
    .regex(durationPattern, 'must be a whole number and one of the units ms, s, m, h, such as "30s"')
    .transform(toMilliseconds)
    .refine((ms) => ms >= minimumMs && ms <= maximumMs, `must be between ${minimumMs} ms and ${maximumMs} ms`);
}

/** A prefix of names, joined to each by one `/`. @param isPossible whether the store could hold something below it */
export function prefix(isPossible: (prefix: string) => boolean = () => true): z.ZodType<string, string> {
  return text.refine(isPossible, "must be a path that the store can hold");
}

/** `environment`, or the URL of a proxy, which must hold no password. */
export const proxy: z.ZodType<string, string> = z.union(
  [z.literal("environment"), z.url({ protocol: /^https?$/ }).refine((address) => !address.includes("@"))],
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

/** How a store is checked and how this client shows itself. @param defaults told in the descriptions */
export function tls(defaults: TlsDefaults = {}): z.ZodType<TlsOptions, unknown> {
  const told = (sentence: string, byDefault: string | undefined): string =>
    byDefault === undefined ? `${sentence}.` : `${sentence}; ${byDefault}.`;
  return z
    .strictObject({
      ca: credential.optional().describe(told("The authorities to trust in place of Node's, PEM", defaults.ca)),
      certificate: credential
        .optional()
        .describe(told("The client's certificate, PEM, together with `key`", defaults.certificate)),
      key: credential.optional().describe(told("The key of the client's certificate, PEM", defaults.key)),
      serverName: text
        .optional()
        .describe(
          told(
            "The name that the store's certificate must bear, where it is not the host of the address",
            defaults.serverName,
          ),
        ),
      verify,
    })
    .refine(({ certificate, key }) => (certificate === undefined) === (key === undefined), {
      message: "must give `certificate` and `key` together",
    })
    .prefault({});
}

/** `tls.verify`, for an adapter that takes everything else from somewhere else. */
export const verify: z.ZodDefault<z.ZodBoolean> = z
  .boolean()
  .default(true)
  .describe("`false` trusts whoever answers; health and `diagnose` report it as an error.");

/** unit -> its length in milliseconds */
const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

function toMilliseconds(text: string): number {
  const unit = text.replace(/^\d+/, "");
  return Number.parseInt(text, 10) * (unitMs[unit] ?? Number.NaN);
}
