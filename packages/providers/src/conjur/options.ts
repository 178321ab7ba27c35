import type { CredentialSource } from "@tacit/core/provider";
import * as z from "zod/mini";
import { credential, optional, prefix, text, withDefault } from "../shared/options.ts";
import { type HttpStoreOptions, httpStoreShape } from "../shared/store/options.ts";
import { checkPath } from "./path.ts";

/** A way to log in at Conjur. */
export type ConjurAuth =
  | { readonly method: "environment" }
  | { readonly method: "api-key"; readonly login: string; readonly apiKey: CredentialSource }
  | {
      readonly method: "jwt";
      readonly service: string;
      readonly hostId?: string | undefined;
      readonly token: CredentialSource;
    }
  | {
      readonly method: "kubernetes";
      readonly service: string;
      readonly login: string;
      readonly podName?: string | undefined;
      readonly podNamespace?: string | undefined;
      readonly certificateFile: string;
    }
  | { readonly method: "certificate"; readonly service: string; readonly hostId?: string | undefined }
  | { readonly method: "access-token"; readonly token: CredentialSource };

/** The options of a `conjur` provider after validation. */
export interface ConjurOptions extends HttpStoreOptions {
  /** Default: CONJUR_APPLIANCE_URL. */
  readonly url?: string | undefined;
  /** Default: CONJUR_ACCOUNT. */
  readonly account?: string | undefined;
  /** Stands before each name, joined by `/`. */
  readonly policy?: string | undefined;
  readonly auth: ConjurAuth;
}

/** Where the kubelet mounts the token of the pod's service account, unless the pod says otherwise. */
const serviceAccountToken = "/var/run/secrets/kubernetes.io/serviceaccount/token";

const id = z.string().check(
  z.refine((text) => {
    try {
      return checkPath(text) !== "";
    } catch {
      return false;
    }
  }, 'must be an id, such as "host/orders", without "..", backslashes and percent signs'),
);
const segment = z.string().check(z.regex(/^[\w.@-]+$/, "must be letters, digits, _ . @ and -"));

const auth: z.ZodMiniType<ConjurAuth, unknown> = z.discriminatedUnion("method", [
  z.strictObject({ method: z.literal("environment") }),
  z.strictObject({ method: z.literal("api-key"), login: id, apiKey: credential }),
  z.strictObject({
    method: z.literal("jwt"),
    service: segment,
    hostId: z.optional(id),
    token: withDefault("The JWT.", { $file: serviceAccountToken }, credential),
  }),
  z.strictObject({
    method: z.literal("kubernetes"),
    service: segment,
    login: id.check(z.refine((login) => login.startsWith("host/"), 'must begin with "host/"')),
    podName: z.optional(segment),
    podNamespace: z.optional(segment),
    certificateFile: withDefault("Where Conjur writes the certificate.", "/etc/conjur/ssl/client.pem", text),
  }),
  z.strictObject({ method: z.literal("certificate"), service: segment, hostId: z.optional(id) }),
  z.strictObject({
    method: z.literal("access-token"),
    token: withDefault("The token.", { $file: "/run/conjur/access-token" }, credential),
  }),
]);

/** What the config document may say about a `conjur` provider. */
export const conjurOptions: z.ZodMiniType<ConjurOptions> = z.strictObject({
  url: optional("Such as `https://conjur.example`; by default `CONJUR_APPLIANCE_URL`.", text),
  account: optional("The organisation account; by default `CONJUR_ACCOUNT`.", segment),
  policy: optional(
    'The policy branch that stands before each name: with `"prod/orders"`, `db/password` is the variable `prod/orders/db/password`.',
    prefix((path) => id.safeParse(path.replace(/\/+$/, "")).success),
  ),
  auth: withDefault(
    'How to log in, `{ "method": … }`: `environment` (the default, by the variables of Conjur\'s own client), `api-key` (`login`, `apiKey`), `jwt` (`service`, `hostId`, `token`), `kubernetes` (`service`, `login`), `certificate` (`service`, `hostId`, with `tls.certificate`) or `access-token` (`token`).',
    { method: "environment" },
    auth,
  ),
  ...httpStoreShape,
});
