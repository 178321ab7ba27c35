import * as z from "zod/mini";
import { optional, text, withDefault } from "../options.ts";
import { isRegion } from "./aws-endpoint.ts";

/** The token of Azure that proves the identity of this process. */
export interface AzureProof {
  /** The audience of the token. */
  readonly resource: string;
  /** The managed identity of the machine, or the workload identity of a pod. */
  readonly identity: "managed" | "workload";
  /** The client id, if there are several managed identities. */
  readonly clientId?: string | undefined;
}

/** The token of Google that proves the identity of this process. */
export interface GoogleProof {
  /** `instance`: a token of the metadata server. `iam`: a token that Google signs for a service account. */
  readonly type: "instance" | "iam";
  readonly serviceAccount: string;
}

/** The schema of the region whose STS a store calls. */
export const stsRegion: z.ZodMiniString<string> = z
  .string()
  .check(z.refine(isRegion, 'must be a region, such as "eu-central-1"'));

/** The schemas of `AzureProof`, for the schema of a login. */
export const azureProofShape: {
  readonly resource: z.ZodMiniPrefault<typeof text>;
  readonly identity: z.ZodMiniPrefault<z.ZodMiniEnum<{ managed: "managed"; workload: "workload" }>>;
  readonly clientId: z.ZodMiniOptional<typeof text>;
} = {
  resource: withDefault("The audience of the token.", "https://management.azure.com/", text),
  identity: withDefault(
    "The identity to use: the managed identity of the machine, or the workload identity of a pod (needs `@azure/identity`).",
    "managed",
    z.enum(["managed", "workload"]),
  ),
  clientId: optional("The client id, if there are several managed identities.", text),
};

/** The schema of a service account of the instance: its address, or `default`. */
export const instanceAccount: z.ZodMiniPrefault<z.ZodMiniString<string>> = withDefault(
  "The service account of the instance.",
  "default",
  z
    .string()
    .check(
      z.regex(/^(default|[\w.+-]+@[\w.-]+)$/, 'must be an address, such as "app@project.iam.gserviceaccount.com"'),
    ),
);

/** The schemas of `GoogleProof`, for the schema of a login. */
export const googleProofShape: {
  readonly type: z.ZodMiniPrefault<z.ZodMiniEnum<{ instance: "instance"; iam: "iam" }>>;
  readonly serviceAccount: typeof instanceAccount;
} = {
  type: withDefault(
    "The identity to use: the instance's own, or another service account, for which Google signs.",
    "instance",
    z.enum(["instance", "iam"]),
  ),
  serviceAccount: instanceAccount,
};

/** Requires the address of the account for the type `iam`. */
export const namedAccount: z.core.$ZodCheck<GoogleProof> = z.refine(
  ({ type, serviceAccount }) => type === "instance" || serviceAccount !== "default",
  { path: ["serviceAccount"], error: "must be the address of the account that Google signs for" },
);
