import * as z from "zod/mini";
import { credential, optional, required, text } from "../options.ts";
import type { AzureAuth } from "./azure-login.ts";

const id = text.check(z.regex(/^[\w.-]+$/, "must be the id of a tenant or a client"));

const application = {
  tenantId: required("The tenant.", id),
  clientId: required("The client id of the application.", id),
};

/** The schema of `auth` for Azure. */
export const azureAuth: z.ZodMiniType<AzureAuth> = z.discriminatedUnion("method", [
  z.strictObject({ method: z.literal("default") }),
  z.strictObject({
    method: z.literal("workload"),
    tenantId: optional("The tenant; by default `AZURE_TENANT_ID`.", id),
    clientId: optional("The client id; by default `AZURE_CLIENT_ID`.", id),
    tokenFile: optional("The file of the token; by default `AZURE_FEDERATED_TOKEN_FILE`.", text),
  }),
  z.strictObject({
    method: z.literal("managed"),
    clientId: optional("The client id, if there are several identities.", id),
  }),
  z.strictObject({
    method: z.literal("client-secret"),
    ...application,
    secret: required("The secret of the application.", credential),
  }),
  z.strictObject({
    method: z.literal("client-certificate"),
    ...application,
    certificate: required("The certificate and its private key, in PEM.", credential),
  }),
  z.strictObject({
    method: z.literal("cli"),
    tenantId: optional("The tenant; by default that of the login.", id),
  }),
]);

/** The description of `auth` in the docs and in editors. */
export const azureAuthHelp =
  'How to log in. `{ "method": "default" }` uses the workload identity of the pod, else the managed identity of the machine. Other methods: `{ "method": "workload", "tenantId", "clientId", "tokenFile" }`; `{ "method": "managed", "clientId" }`; `{ "method": "client-secret", "tenantId", "clientId", "secret" }`; `{ "method": "client-certificate", "tenantId", "clientId", "certificate" }`; `{ "method": "cli" }` on a developer\'s machine.';
