import * as z from "zod/mini";
import { optional, required, text, withDefault } from "../shared/options.ts";
import { certificateGiven, type HttpStoreOptions, httpStoreShape, slug } from "../shared/store/options.ts";
import { isName } from "./account-path.ts";

/** The options of a `cyberark-ccp` provider after validation. */
export interface CyberarkCcpOptions extends HttpStoreOptions {
  readonly url: string;
  /** The id of the application in the Vault. */
  readonly appId: string;
  readonly safe: string;
  readonly folder: string;
  /** The application of the web server. */
  readonly service: string;
  /** The reason for reading, for the audit log. */
  readonly reason?: string | undefined;
  readonly auth: { readonly method: "certificate" | "machine" };
}

const name = z
  .string()
  .check(z.refine(isName, 'must be a name that CyberArk can hold, without / \\ : * ? " < > | % & + ; ='));

const schema = z.strictObject({
  url: required("The URL of the server, such as `https://ccp.example`.", text),
  appId: required("The id of the application in the Vault.", name),
  safe: required("The safe of the objects.", name),
  folder: withDefault(
    "The folder within the safe.",
    "Root",
    text.check(z.regex(/^[^%&+;=\p{Cc}]+$/u, "must be a folder")),
  ),
  service: withDefault("The name of the web service on its server.", "AIMWebService", slug),
  reason: optional("The reason for reading accounts, for CyberArk's audit log.", text),
  auth: withDefault(
    'How to log in: `{ "method": "certificate" }`, with `tls.certificate` and `tls.key`, or `{ "method": "machine" }`, by the address of this machine.',
    { method: "certificate" },
    z.strictObject({
      method: required("How CyberArk identifies this application.", z.enum(["certificate", "machine"])),
    }),
  ),
  ...httpStoreShape,
});

/** What the config document may say about a `cyberark-ccp` provider. */
export const cyberarkCcpOptions: z.ZodMiniType<CyberarkCcpOptions> = schema.check(certificateGiven);
