import * as z from "zod/mini";
import { credential, required, text, withDefault } from "../options.ts";
import type { GoogleAuth } from "./google-login.ts";

/** The schema of `auth` for Google. */
export const googleAuth: z.ZodMiniType<GoogleAuth> = z.discriminatedUnion("method", [
  z.strictObject({ method: z.literal("default") }),
  z.strictObject({
    method: z.literal("metadata"),
    serviceAccount: withDefault(
      "The service account of the instance.",
      "default",
      text.check(z.regex(/^[\w.@-]+$/, "must be the address of a service account, or default")),
    ),
  }),
  z.strictObject({
    method: z.literal("credentials"),
    credentials: required("The content of the credentials file.", credential),
  }),
  z.strictObject({ method: z.literal("gcloud") }),
]);

/** The description of `auth` in the docs and in editors. */
export const googleAuthHelp =
  'How to log in. `{ "method": "default" }` uses the file in `GOOGLE_APPLICATION_CREDENTIALS`, else the service account of the pod or instance. Other methods: `{ "method": "metadata", "serviceAccount" }`; `{ "method": "credentials", "credentials" }` with a file of workload identity federation or a service account key; `{ "method": "gcloud" }` on a developer\'s machine.';
