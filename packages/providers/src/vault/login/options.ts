import type { CredentialSource } from "@tacit/core/provider";
import { z } from "zod";

/** `auth` of a `vault` provider after validation. */
export type LoginOptions =
  | { readonly method: "token"; readonly token?: CredentialSource | undefined }
  | { readonly method: "token-file"; readonly file?: string | undefined }
  | { readonly method: "none" };

const text = z.string().min(1, "must not be empty");
/** Stays a source: the client has checked that it is one. */
const credential: z.ZodType<CredentialSource> = z.custom<CredentialSource>(
  (value) => typeof value === "object" && value !== null,
);

/** What the config document may say about `auth`. One member for each method. */
export const loginOptions: z.ZodType<LoginOptions> = z.discriminatedUnion("method", [
  z.strictObject({
    method: z.literal("token"),
    token: credential.optional().describe("The token; by default the variable VAULT_TOKEN, else BAO_TOKEN."),
  }),
  z.strictObject({
    method: z.literal("token-file"),
    file: text
      .optional()
      .describe("The file that holds the token; by default ~/.vault-token. Read again at each login."),
  }),
  z.strictObject({ method: z.literal("none") }),
]);
