import { z } from "zod";
import { credential, duration, text } from "../../shared/options.ts";
import type { GenericOptions } from "./generic.ts";
import type { PkiOptions } from "./pki.ts";
import type { TransitOptions } from "./transit.ts";
import type { WrappedSecret } from "./wrapped.ts";

/** What the document may say of one mount, after validation. */
export type EngineOptions =
  | { readonly engine: "kv-v1" | "kv-v2" | "database" | "cubbyhole" }
  | ({ readonly engine: "pki" } & PkiOptions)
  | ({ readonly engine: "transit" } & TransitOptions)
  | ({ readonly engine: "generic" } & GenericOptions);

/** Vault joins several by commas. */
const name = text.regex(/^[^,\s]+$/, "must not hold a comma or white space");
const segment = text.regex(/^[^/]+$/, "must be one segment, without a slash");
const base64 = z.base64("must be base64, as it was given to encrypt");

const certificate = z
  .strictObject({
    commonName: text.optional().describe("The common name, which the role must allow; a role may need none."),
    altNames: z.array(name).default([]).describe("Further host names and mail addresses."),
    ipSans: z.array(name).default([]).describe("IP addresses."),
    uriSans: z.array(name).default([]).describe("URIs, such as a SPIFFE id."),
    otherSans: z
      .array(name.regex(/^[\d.]+;UTF-?8:/i, 'must be as "1.3.6.1.4.1.311.20.2.3;UTF8:app"'))
      .default([])
      .describe("Names of other kinds, each as <oid>;UTF8:<text>."),
    excludeCnFromSans: z
      .boolean()
      .default(false)
      .describe("Keeps the common name out of the host names and mail addresses."),
    ttl: duration({ minimumMs: 10_000, maximumMs: 3650 * 86_400_000 })
      .optional()
      .describe("How long the certificate is to be valid; by default what the role says."),
  })
  .refine(
    ({ commonName, altNames, ipSans, uriSans, otherSans }) =>
      commonName !== undefined || [altNames, ipSans, uriSans, otherSans].some((names) => names.length > 0),
    "must name something: `commonName`, `altNames`, `ipSans`, `uriSans` or `otherSans`",
  )
  .transform(({ ttl, ...rest }) => ({ ...rest, ttlMs: ttl }));

const ciphertext = z.strictObject({
  key: segment.describe("The transit key."),
  ciphertext: text
    .regex(/^vault:v\d+:/, 'must begin with "vault:v1:" or another version')
    .describe("What transit/encrypt answered."),
  context: base64.optional().describe("The context of a key with derivation, in base64."),
  associatedData: base64.optional().describe("The associated data, in base64."),
});

/** One member for each engine. */
export const engineOptions: z.ZodType<EngineOptions> = z.discriminatedUnion("engine", [
  z.strictObject({ engine: z.enum(["kv-v1", "kv-v2", "database", "cubbyhole"]) }),
  z.strictObject({
    engine: z.literal("pki"),
    issue: z.record(segment, certificate).describe("For each role that is read as issue/<role>, what to ask of it."),
  }),
  z.strictObject({
    engine: z.literal("transit"),
    ciphertexts: z.record(text, ciphertext).describe("For each path below the mount, what is decrypted for it."),
  }),
  z.strictObject({
    engine: z.literal("generic"),
    dynamic: z.boolean().describe("Whether reading makes a new credential, as aws/creds/<role> does."),
  }),
]);

/** Secrets that are read as `wrapped/<name>`. A list, as only then the client can tell that `wrapped.token` is a credential. */
export const wrappedOptions: z.ZodType<readonly WrappedSecret[]> = z
  .array(
    z.strictObject({
      name: segment.describe("The secret's path is `wrapped/` and this."),
      token: credential.describe("Where the wrapping token is read; it serves once."),
      creationPath: text.describe("The path by which the response must have been made, such as `kv/data/app`."),
      engine: z.literal("kv-v2").optional().describe("Set where that path is one of a mount of KV version 2."),
    }),
  )
  .refine((secrets) => new Set(secrets.map((each) => each.name)).size === secrets.length, "two have the same name");
