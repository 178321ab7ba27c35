import * as z from "zod/mini";
import type { AzureAuth } from "../shared/cloud/azure-login.ts";
import { azureAuth, azureAuthHelp } from "../shared/cloud/azure-options.ts";
import type { AzureVaultOptions } from "../shared/cloud/azure-vault.ts";
import { optional, prefix, required, text, withDefault } from "../shared/options.ts";
import { httpStoreShape } from "../shared/store/options.ts";
import { secretNames } from "./path.ts";

/** The options of an `azure-key-vault` provider after validation. */
export interface AzureKeyVaultOptions extends AzureVaultOptions {
  /** Prepended to each name, joined by `/`, which then becomes `-`. */
  readonly prefix?: string | undefined;
  readonly auth: AzureAuth;
  /** Whether nothing is served before the `nbf` and after the `exp` of a secret. */
  readonly honorExpiry: boolean;
}

/** What the config document may say about an `azure-key-vault` provider. */
export const azureKeyVaultOptions: z.ZodMiniType<AzureKeyVaultOptions> = z.strictObject({
  url: required(
    "The URL of the vault, such as `https://orders.vault.azure.net`, or one in a sovereign cloud (`.vault.azure.cn`, `.vault.usgovcloudapi.net`).",
    text,
  ),
  prefix: optional(
    'Prepended to each name: with `"app"`, `db/primary` is the secret `app-db-primary`.',
    prefix((path) => secretNames.isPrefix(path)),
  ),
  auth: withDefault(azureAuthHelp, { method: "default" }, azureAuth),
  honorExpiry: withDefault(
    "Serves a secret only between its `nbf` and its `exp`. Key Vault itself returns it before and after, too.",
    false,
    z.boolean(),
  ),
  ...httpStoreShape,
});
