import type { CredentialSource } from "@tacit/core/provider";
import * as z from "zod/mini";
import { credential, optional, required, text, withDefault } from "../shared/options.ts";
import { type HttpStoreOptions, httpStoreShape, slug } from "../shared/store/options.ts";

/** `auth` of a `doppler` provider after validation. */
export type DopplerAuth =
  | { readonly method: "token"; readonly token: CredentialSource }
  | { readonly method: "oidc"; readonly identity: string; readonly token: CredentialSource };

/** The options of a `doppler` provider after validation. */
export interface DopplerOptions extends HttpStoreOptions {
  readonly url: string;
  /** Default: the one of the service token. */
  readonly project?: string | undefined;
  readonly config?: string | undefined;
  /** Stands before each name. */
  readonly prefix?: string | undefined;
  readonly auth: DopplerAuth;
}

const auth: z.ZodMiniType<DopplerAuth, unknown> = z.discriminatedUnion("method", [
  z.strictObject({
    method: z.literal("token"),
    token: withDefault("The token; by default from `DOPPLER_TOKEN`.", { $env: "DOPPLER_TOKEN" }, credential),
  }),
  z.strictObject({
    method: z.literal("oidc"),
    identity: required("The id of the service account identity.", text),
    token: required("The JWT from the platform, such as a projected service account token.", credential),
  }),
]);

const schema = z.strictObject({
  url: withDefault("The URL of the API.", "https://api.doppler.com", text),
  project: optional("The project; by default that of the service token. Requires `config`.", slug),
  config: optional("The config of that project, such as `prd`. Requires `project`.", slug),
  prefix: optional(
    'Prepended to each name: with `"ORDERS_"`, `db/primary` is `ORDERS_DB_PRIMARY`.',
    z.string().check(z.regex(/^[A-Z_][A-Z0-9_]*$/, "must be capitals, digits and underscores")),
  ),
  auth: withDefault(
    'How to log in: `{ "method": "token", "token" }` with a service token, by default from `DOPPLER_TOKEN`; or `{ "method": "oidc", "identity", "token" }` with a JWT from the platform.',
    { method: "token" },
    auth,
  ),
  ...httpStoreShape,
});

/** What the config document may say about a `doppler` provider. */
export const dopplerOptions: z.ZodMiniType<DopplerOptions> = schema.check(
  z.refine(({ project, config }) => (project === undefined) === (config === undefined), {
    path: ["config"],
    error: "must be given together with `project`",
  }),
);
