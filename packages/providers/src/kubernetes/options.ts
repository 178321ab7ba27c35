import * as z from "zod/mini";
import { duration, optional, prefix, text, verify, withDefault } from "../shared/options.ts";
import { isLabelKey, isNamespaceName } from "./path.ts";

/** The options of a `kubernetes` provider after validation. */
export interface KubernetesOptions {
  /** Where names are looked up. Default: the pod's own namespace, else that of the kubeconfig context. */
  readonly namespace?: string | undefined;
  /** Stands before each name, joined by `/`, which then becomes `-`. */
  readonly prefix?: string | undefined;
  /** How this program is called in the audit log, after `tacit/<version>`. */
  readonly application?: string | undefined;
  /** A kubeconfig file to use also within a cluster. Default: what KUBECONFIG names, else `~/.kube/config`. */
  readonly kubeconfig?: string | undefined;
  /** A context of the kubeconfig. Default: its current one. */
  readonly context?: string | undefined;
  /** Watches the Secrets of the namespace that match through one connection; needs `list`. */
  readonly labelSelector?: string | undefined;
  /** The labels of a Secret that show in `meta.labels`. Default: none. */
  readonly labels: readonly string[];
  /** Of tokens read as `serviceaccount/<name>`. `audiences` empty means the API server's own. */
  readonly token: { readonly audiences: readonly string[]; readonly expirationMs: number };
  /** `verify: false` trusts whoever answers. */
  readonly tls: { readonly verify: boolean };
  /** Lets a kubeconfig name an http server on another machine. */
  readonly allowInsecureHttp: boolean;
}

const label = text.check(z.refine(isLabelKey, 'must be a label key, such as "app.kubernetes.io/version"'));

const token = z.strictObject({
  audiences: withDefault("For whom a token is; by default for the API server itself.", [], z.array(text)),
  expiration: withDefault(
    "How long a token is asked to live, 10 min to 24 h; the API server may shorten or prolong it.",
    "1h",
    duration({ minimumMs: 600_000, maximumMs: 86_400_000 }),
  ),
});

/** What the config document may say about a `kubernetes` provider. */
export const kubernetesOptions: z.ZodMiniType<KubernetesOptions> = z.strictObject({
  namespace: optional(
    "Where names are looked up. By default the pod's own namespace, else that of the kubeconfig's context, else `default`.",
    text.check(z.refine(isNamespaceName, "must be a namespace: lower-case letters, digits and dashes, 63 at most")),
  ),
  prefix: optional('Stands before each name: with `"app"`, `db/primary` is the Secret `app-db-primary`.', prefix()),
  application: optional(
    "How this program is called in the audit log of the API server, after `tacit/<version>`.",
    text,
  ),
  kubeconfig: optional(
    "A kubeconfig file, used also within a cluster. By default `KUBECONFIG` or `~/.kube/config` outside of one.",
    text,
  ),
  context: optional("The context of the kubeconfig; by default its current one.", text),
  labelSelector: optional(
    "One watch over the matching Secrets of each namespace, in place of one for each Secret; needs `list`.",
    text,
  ),
  labels: withDefault(
    "The labels of a Secret that may show in `meta.labels`; annotations never do.",
    [],
    z.array(label),
  ),
  token: withDefault(
    "How tokens read as `serviceaccount/<name>` are asked for.",
    {},
    z.pipe(
      token,
      z.transform(({ audiences, expiration }) => ({ audiences, expirationMs: expiration })),
    ),
  ),
  tls: withDefault(
    "How the API server is checked; a kubeconfig with `insecure-skip-tls-verify` is refused unless `verify` is `false`.",
    {},
    z.strictObject({ verify }),
  ),
  allowInsecureHttp: withDefault(
    "Whether a kubeconfig may name an http server on another machine.",
    false,
    z.boolean(),
  ),
});
