import type { CredentialSource } from "@tacit/core/provider";
import * as z from "zod/mini";
import { credential, optional, prefix, required, text, withDefault } from "../shared/options.ts";
import { type HttpStoreOptions, httpStoreShape } from "../shared/store/options.ts";
import { parseSecretPath } from "./secret-path.ts";

/** A way for a machine identity to log in. */
export type InfisicalAuth =
  | { readonly method: "universal"; readonly clientId: CredentialSource; readonly clientSecret: CredentialSource }
  | { readonly method: "kubernetes" | "oidc"; readonly identityId: string; readonly token: CredentialSource }
  | { readonly method: "token"; readonly token: CredentialSource };

/** The options of an `infisical` provider after validation. */
export interface InfisicalOptions extends HttpStoreOptions {
  readonly url: string;
  /** The id of the project. */
  readonly project: string;
  /** The slug of the environment. */
  readonly environment: string;
  /** Stands before each name, joined by `/`. */
  readonly prefix?: string | undefined;
  /** The slug of the project, by which dynamic secrets are asked for. Absent: there are none. */
  readonly projectSlug?: string | undefined;
  readonly auth: InfisicalAuth;
}

const slug = z.string().check(z.regex(/^[\w.-]+$/, "must be letters, digits, _ . and -"));
const serviceAccountToken = { $file: "/var/run/secrets/kubernetes.io/serviceaccount/token" };

const auth: z.ZodMiniType<InfisicalAuth, unknown> = z.discriminatedUnion("method", [
  z.strictObject({ method: z.literal("universal"), clientId: credential, clientSecret: credential }),
  z.strictObject({
    method: z.literal("kubernetes"),
    identityId: text,
    token: withDefault("The token.", serviceAccountToken, credential),
  }),
  z.strictObject({ method: z.literal("oidc"), identityId: text, token: credential }),
  z.strictObject({ method: z.literal("token"), token: credential }),
]);

/** What the config document may say about an `infisical` provider. */
export const infisicalOptions: z.ZodMiniType<InfisicalOptions> = z.strictObject({
  url: withDefault("The address of the instance.", "https://app.infisical.com", text),
  project: required("The id of the project.", slug),
  environment: required("The slug of the environment, such as `prod`.", slug),
  prefix: optional(
    'The folder before each name: with `"orders"`, `DB_PASSWORD` is read in `/orders`.',
    prefix((path) => {
      try {
        return !parseSecretPath(path.replace(/\/+$/, "")).isDynamic;
      } catch {
        return false;
      }
    }),
  ),
  projectSlug: optional("The slug of the project, which dynamic secrets (`dynamic/<name>`) are asked by.", slug),
  auth: required(
    'How the machine identity logs in: `{ "method": "universal", "clientId", "clientSecret" }`, `{ "method": "kubernetes", "identityId" }`, `{ "method": "oidc", "identityId", "token" }`, or `{ "method": "token", "token" }` with an access token.',
    auth,
  ),
  ...httpStoreShape,
});
