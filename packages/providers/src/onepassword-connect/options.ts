import type { CredentialSource } from "@tacit/core/provider";
import * as z from "zod/mini";
import { credential, optional, required, text, withDefault } from "../shared/options.ts";
import { type HttpStoreOptions, httpStoreShape } from "../shared/store/options.ts";
import { isTitle } from "./item-path.ts";

/** The options of a `onepassword-connect` provider after validation. */
export interface OnepasswordConnectOptions extends HttpStoreOptions {
  readonly url: string;
  /** The name or id of the vault where items are looked up. */
  readonly vault: string;
  /** Stands before each name. */
  readonly prefix?: string | undefined;
  readonly auth: { readonly method: "token"; readonly token: CredentialSource };
}

const title = z.string().check(z.refine(isTitle, 'must be a name or id without "/", "\\", quotes and percent signs'));

/** What the config document may say about a `onepassword-connect` provider. */
export const onepasswordConnectOptions: z.ZodMiniType<OnepasswordConnectOptions> = z.strictObject({
  url: required("The URL of the Connect server, such as `https://connect.example`.", text),
  vault: required("The name or id of the vault.", title),
  prefix: optional('Prepended to each name: with `"orders-"`, `db/primary` is the item `orders-db-primary`.', title),
  auth: withDefault(
    'How to log in: `{ "method": "token", "token" }`, by default with the token in `OP_CONNECT_TOKEN`.',
    { method: "token" },
    z.strictObject({
      method: required("The only method.", z.literal("token")),
      token: withDefault("The token.", { $env: "OP_CONNECT_TOKEN" }, credential),
    }),
  ),
  ...httpStoreShape,
});
