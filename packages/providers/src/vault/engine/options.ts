import * as z from "zod/mini";
import { credential, duration, optional, required, text, withDefault } from "../../shared/options.ts";
import type { GenericOptions } from "./generic.ts";
import type { PkiOptions } from "./pki.ts";
import type { TransitOptions } from "./transit.ts";
import type { WrappedSecret } from "./wrapped.ts";

/** The options of one mount after validation. */
export type EngineOptions =
  | { readonly engine: "kv-v1" | "kv-v2" | "database" | "cubbyhole" }
  | ({ readonly engine: "pki" } & PkiOptions)
  | ({ readonly engine: "transit" } & TransitOptions)
  | ({ readonly engine: "generic" } & GenericOptions);

/** The schema of a name in a list, which Vault joins with commas. */
const name = text.check(z.regex(/^[^,\s]+$/, "must not contain a comma or white space"));
const segment = text.check(z.regex(/^[^/]+$/, "must be one segment, without a slash"));
const base64 = z.base64("must be base64, as it was passed to encrypt");

const certificate = z
  .strictObject({
    commonName: optional("The common name, which the role must allow; not every role requires one.", text),
    altNames: withDefault("Further host names and email addresses.", [], z.array(name)),
    ipSans: withDefault("IP addresses.", [], z.array(name)),
    uriSans: withDefault("URIs, such as a SPIFFE id.", [], z.array(name)),
    otherSans: withDefault(
      "Other kinds of names, each as `<oid>;UTF8:<text>`.",
      [],
      z.array(name.check(z.regex(/^[\d.]+;UTF-?8:/i, 'must be as "1.3.6.1.4.1.311.20.2.3;UTF8:app"'))),
    ),
    excludeCnFromSans: withDefault(
      "Excludes the common name from the host names and email addresses.",
      false,
      z.boolean(),
    ),
    ttl: optional(
      "The requested validity of the certificate; by default that of the role.",
      duration({ minimumMs: 10_000, maximumMs: 3650 * 86_400_000 }),
    ),
  })
  .check(
    z.refine(
      ({ commonName, altNames, ipSans, uriSans, otherSans }) =>
        commonName !== undefined || [altNames, ipSans, uriSans, otherSans].some((names) => names.length > 0),
      "must name something: `commonName`, `altNames`, `ipSans`, `uriSans` or `otherSans`",
    ),
  );

const ciphertext = z.strictObject({
  key: required("The transit key.", segment),
  ciphertext: required(
    "The ciphertext that `transit/encrypt` returned.",
    text.check(z.regex(/^vault:v\d+:/, 'must begin with "vault:v1:" or another version')),
  ),
  context: optional("The context of a derived key, in base64.", base64),
  associatedData: optional("The associated data, in base64.", base64),
});

/** The schema of the options of a mount, with one member for each engine. */
export const engineOptions: z.ZodMiniType<EngineOptions> = z.discriminatedUnion("engine", [
  z.strictObject({
    engine: required("The engine of the mount.", z.enum(["kv-v1", "kv-v2", "database", "cubbyhole"])),
  }),
  z.strictObject({
    engine: z.literal("pki"),
    issue: required(
      "The certificate to request from each role that is read as `issue/<role>`.",
      z.record(
        segment,
        z.pipe(
          certificate,
          z.transform(({ ttl, ...rest }) => ({ ...rest, ttlMs: ttl })),
        ),
      ),
    ),
  }),
  z.strictObject({
    engine: z.literal("transit"),
    ciphertexts: required("The ciphertext to decrypt for each path below the mount.", z.record(text, ciphertext)),
  }),
  z.strictObject({
    engine: z.literal("generic"),
    dynamic: required("Whether a read creates a new credential, as with `aws/creds/<role>`.", z.boolean()),
  }),
]);

/** The schema of `wrapped`. It is a list so that the path of the credential is always `wrapped.token`. */
export const wrappedOptions: z.ZodMiniType<readonly WrappedSecret[]> = z
  .array(
    z.strictObject({
      name: required("The name in the path of the secret, `wrapped/<name>`.", segment),
      token: required("The source of the wrapping token, which can be used once.", credential),
      creationPath: required("The path that must have created the response, such as `kv/data/app`.", text),
      engine: optional("Required if that path belongs to a mount of KV version 2.", z.literal("kv-v2")),
    }),
  )
  .check(
    z.refine((secrets) => new Set(secrets.map((each) => each.name)).size === secrets.length, "two have the same name"),
  );
