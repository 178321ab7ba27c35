import * as z from "zod/mini";
import { credential, duration, optional, required, text, withDefault } from "../../shared/options.ts";
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
const name = text.check(z.regex(/^[^,\s]+$/, "must not hold a comma or white space"));
const segment = text.check(z.regex(/^[^/]+$/, "must be one segment, without a slash"));
const base64 = z.base64("must be base64, as it was given to encrypt");

const certificate = z
  .strictObject({
    commonName: optional("The common name, which the role must allow; a role may need none.", text),
    altNames: withDefault("Further host names and mail addresses.", [], z.array(name)),
    ipSans: withDefault("IP addresses.", [], z.array(name)),
    uriSans: withDefault("URIs, such as a SPIFFE id.", [], z.array(name)),
    otherSans: withDefault(
      "Names of other kinds, each as <oid>;UTF8:<text>.",
      [],
      z.array(name.check(z.regex(/^[\d.]+;UTF-?8:/i, 'must be as "1.3.6.1.4.1.311.20.2.3;UTF8:app"'))),
    ),
    excludeCnFromSans: withDefault(
      "Keeps the common name out of the host names and mail addresses.",
      false,
      z.boolean(),
    ),
    ttl: optional(
      "How long the certificate is to be valid; by default what the role says.",
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
    "What transit/encrypt answered.",
    text.check(z.regex(/^vault:v\d+:/, 'must begin with "vault:v1:" or another version')),
  ),
  context: optional("The context of a key with derivation, in base64.", base64),
  associatedData: optional("The associated data, in base64.", base64),
});

/** One member for each engine. */
export const engineOptions: z.ZodMiniType<EngineOptions> = z.discriminatedUnion("engine", [
  z.strictObject({
    engine: required("The engine of the mount.", z.enum(["kv-v1", "kv-v2", "database", "cubbyhole"])),
  }),
  z.strictObject({
    engine: z.literal("pki"),
    issue: required(
      "For each role that is read as issue/<role>, what to ask of it.",
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
    ciphertexts: required("For each path below the mount, what is decrypted for it.", z.record(text, ciphertext)),
  }),
  z.strictObject({
    engine: z.literal("generic"),
    dynamic: required("Whether reading makes a new credential, as aws/creds/<role> does.", z.boolean()),
  }),
]);

/** Secrets that are read as `wrapped/<name>`. A list, as only then the client can tell that `wrapped.token` is a credential. */
export const wrappedOptions: z.ZodMiniType<readonly WrappedSecret[]> = z
  .array(
    z.strictObject({
      name: required("The secret's path is `wrapped/` and this.", segment),
      token: required("Where the wrapping token is read; it serves once.", credential),
      creationPath: required("The path by which the response must have been made, such as `kv/data/app`.", text),
      engine: optional("Set where that path is one of a mount of KV version 2.", z.literal("kv-v2")),
    }),
  )
  .check(
    z.refine((secrets) => new Set(secrets.map((each) => each.name)).size === secrets.length, "two have the same name"),
  );
