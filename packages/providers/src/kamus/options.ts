import type { CredentialSource } from "@tacit/core/provider";
import * as z from "zod/mini";
import { filesShape, type MountOptions } from "../shared/files/options.ts";
import { credential, required, text, withDefault } from "../shared/options.ts";
import { serviceAccountToken } from "../shared/service-account.ts";
import { type HttpStoreOptions, httpStoreShape } from "../shared/store/options.ts";

/** The options of a `kamus` provider after validation. */
export interface KamusOptions extends MountOptions, HttpStoreOptions {
  /** The decryptor. */
  readonly url: string;
  readonly auth: { readonly method: "service-account"; readonly token: CredentialSource };
}

/** What the config document may say about a `kamus` provider. */
export const kamusOptions: z.ZodMiniType<KamusOptions> = z.pipe(
  z.strictObject({
    ...filesShape,
    url: required("The URL of the decryptor, such as `http://kamus-decryptor.kamus`.", text),
    auth: withDefault(
      'Whose items are decrypted: `{ "method": "service-account", "token" }`, by default the token that is mounted into the pod.',
      { method: "service-account" },
      z.strictObject({
        method: required("The only method.", z.literal("service-account")),
        token: withDefault(
          "The token, which must be for the audience of the API server. Read again for each request.",
          serviceAccountToken,
          credential,
        ),
      }),
    ),
    ...httpStoreShape,
  }),
  z.transform(({ settle, ...options }) => ({ ...options, settleMs: settle })),
);
