import * as z from "zod/mini";
import { duration, optional, prefix, text, verify, withDefault } from "../shared/options.ts";
import { isLabelKey, isNamespaceName } from "./path.ts";

/** The options of a `kubernetes` provider after validation. */
export interface KubernetesOptions {
  /** The namespace of names. Default: the pod's own namespace, else that of the kubeconfig context, else `default`. */
  readonly namespace?: string | undefined;
  /** The prefix of each name, joined by `/`, which then becomes `-`. Default: none. */
  readonly prefix?: string | undefined;
  /** The name of this program in the audit log, after `tacit/<version>`. Default: none. */
  readonly application?: string | undefined;
  /** A kubeconfig file to use also within a cluster. Default: the files in KUBECONFIG, else `~/.kube/config`. */
  readonly kubeconfig?: string | undefined;
  /** A context of the kubeconfig. Default: its current one. */
  readonly context?: string | undefined;
  /**
   * Watches the matching Secrets of each namespace through one connection, which needs the right to `list`. Default: one watch
   * for each Secret.
   */
  readonly labelSelector?: string | undefined;
  /** The labels of a Secret to include in `meta.labels`. Default: none. */
  readonly labels: readonly string[];
  /**
   * How tokens that are read as `serviceaccount/<name>` are requested. Empty `audiences` mean the API server itself; the
   * expiration is in milliseconds.
   */
  readonly token: { readonly audiences: readonly string[]; readonly expirationMs: number };
  /** Whether the certificate of the API server is verified. Default: true; with `false`, any server is trusted. */
  readonly tls: { readonly verify: boolean };
  /** Whether a kubeconfig may name an http server on another machine. Default: false. */
  readonly allowInsecureHttp: boolean;
}

const label = text.check(z.refine(isLabelKey, 'must be a label key, such as "app.kubernetes.io/version"'));

const token = z.strictObject({
  audiences: withDefault("The audiences of a token; by default the API server itself.", [], z.array(text)),
  expiration: withDefault(
    "The requested lifetime of a token, 10 min to 24 h; the API server may shorten or extend it.",
    "1h",
    duration({ minimumMs: 600_000, maximumMs: 86_400_000 }),
  ),
});

/** The schema of a `kubernetes` provider's options in the config document. */
export const kubernetesOptions: z.ZodMiniType<KubernetesOptions> = z.strictObject({
  namespace: optional(
    "The namespace of names. By default the namespace of the pod, else that of the kubeconfig context, else `default`.",
    text.check(z.refine(isNamespaceName, "must be a namespace: lower-case letters, digits and dashes, 63 at most")),
  ),
  prefix: optional('Prepended to each name: with `"app"`, `db/primary` is the Secret `app-db-primary`.', prefix()),
  application: optional("The name of this program in the API server's audit log, after `tacit/<version>`.", text),
  kubeconfig: optional(
    "A kubeconfig file, used within a cluster, too. By default `KUBECONFIG` or `~/.kube/config`, outside of a cluster only.",
    text,
  ),
  context: optional("The context of the kubeconfig; by default the current one.", text),
  labelSelector: optional(
    "Uses one watch for the matching Secrets of each namespace instead of one watch for each Secret; needs `list`.",
    text,
  ),
  labels: withDefault(
    "The labels of a Secret to include in `meta.labels`; annotations are never included.",
    [],
    z.array(label),
  ),
  token: withDefault(
    "How tokens that are read as `serviceaccount/<name>` are requested.",
    {},
    z.pipe(
      token,
      z.transform(({ audiences, expiration }) => ({ audiences, expirationMs: expiration })),
    ),
  ),
  tls: withDefault(
    "How the API server's certificate is checked. A kubeconfig with `insecure-skip-tls-verify` is refused unless `verify` is `false`.",
    {},
    z.strictObject({ verify }),
  ),
  allowInsecureHttp: withDefault("Allows a kubeconfig to name an http server on another machine.", false, z.boolean()),
});
