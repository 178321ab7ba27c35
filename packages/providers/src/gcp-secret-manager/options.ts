import * as z from "zod/mini";
import type { GoogleAuth } from "../shared/cloud/google-login.ts";
import { googleAuth, googleAuthHelp } from "../shared/cloud/google-options.ts";
import { optional, prefix, text, withDefault } from "../shared/options.ts";
import { type HttpStoreOptions, httpStoreShape } from "../shared/store/options.ts";
import { isLocation, isProject, secretNames } from "./path.ts";

/** The options of a `gcp-secret-manager` provider after validation. */
export interface GcpSecretManagerOptions extends HttpStoreOptions {
  /** The id or number of the project. Default: GOOGLE_CLOUD_PROJECT. */
  readonly project?: string | undefined;
  /** The region of regional secrets. Default: secrets are global. */
  readonly location?: string | undefined;
  /** Prepended to each name, joined by `/`, which then becomes `-`. */
  readonly prefix?: string | undefined;
  /** Default: that of Google, in `location` if it is set. */
  readonly endpoint?: string | undefined;
  readonly auth: GoogleAuth;
}

/** What the config document may say about a `gcp-secret-manager` provider. */
export const gcpSecretManagerOptions: z.ZodMiniType<GcpSecretManagerOptions> = z.strictObject({
  project: optional(
    "The id or number of the project; by default `GOOGLE_CLOUD_PROJECT`.",
    text.check(z.refine(isProject, "must be the id or the number of a project")),
  ),
  location: optional(
    "The region of regional secrets, such as `europe-west3`; by default secrets are global.",
    text.check(z.refine(isLocation, 'must be a region, such as "europe-west3"')),
  ),
  prefix: optional(
    'Prepended to each name: with `"orders"`, `db/primary` is the secret `orders-db-primary`.',
    prefix((path) => secretNames.isPrefix(path)),
  ),
  endpoint: optional(
    "The URL of the API, such as that of a private endpoint; by default Google's, in `location` if that is set.",
    text,
  ),
  auth: withDefault(googleAuthHelp, { method: "default" }, googleAuth),
  ...httpStoreShape,
});
