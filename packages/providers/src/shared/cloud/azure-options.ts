import * as z from "zod/mini";
import { credential, text } from "../options.ts";
import type { AzureAuth } from "./azure-login.ts";

const id = text.check(z.regex(/^[\w.-]+$/, "must be the id of a tenant or a client"));

/** `auth` of a provider at Azure. */
export const azureAuth: z.ZodMiniType<AzureAuth> = z.discriminatedUnion("method", [
  z.strictObject({ method: z.literal("default") }),
  z.strictObject({
    method: z.literal("workload"),
    tenantId: z.optional(id),
    clientId: z.optional(id),
    tokenFile: z.optional(text),
  }),
  z.strictObject({ method: z.literal("managed"), clientId: z.optional(id) }),
  z.strictObject({ method: z.literal("client-secret"), tenantId: id, clientId: id, secret: credential }),
  z.strictObject({ method: z.literal("client-certificate"), tenantId: id, clientId: id, certificate: credential }),
  z.strictObject({ method: z.literal("cli"), tenantId: z.optional(id) }),
]);

/** What the page and editors say of `auth`. */
export const azureAuthHelp =
  'Who this process is: `{ "method": "default" }` the workload identity of the pod, else the managed identity of the machine; `{ "method": "workload", "tenantId", "clientId", "tokenFile" }`; `{ "method": "managed", "clientId" }`; `{ "method": "client-secret", "tenantId", "clientId", "secret" }`; `{ "method": "client-certificate", "tenantId", "clientId", "certificate" }`; `{ "method": "cli" }` on a developer\'s machine.';
