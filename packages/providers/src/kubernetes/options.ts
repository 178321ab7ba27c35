import { z } from "zod";
import { duration, prefix, text, verify } from "../shared/options.ts";
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

const label = text.refine(isLabelKey, 'must be a label key, such as "app.kubernetes.io/version"');

/** What the config document may say about a `kubernetes` provider. */
export const kubernetesOptions: z.ZodType<KubernetesOptions> = z.strictObject({
  namespace: text
    .refine(isNamespaceName, "must be a namespace: lower-case letters, digits and dashes, 63 at most")
    .optional()
    .describe(
      "Where names are looked up. By default the pod's own namespace, else that of the kubeconfig's context, else `default`.",
    ),
  prefix: prefix()
    .optional()
    .describe('Stands before each name: with `"app"`, `db/primary` is the Secret `app-db-primary`.'),
  application: text
    .optional()
    .describe("How this program is called in the audit log of the API server, after `tacit/<version>`."),
  kubeconfig: text
    .optional()
    .describe(
      "A kubeconfig file, used also within a cluster. By default `KUBECONFIG` or `~/.kube/config` outside of one.",
    ),
  context: text.optional().describe("The context of the kubeconfig; by default its current one."),
  labelSelector: text
    .optional()
    .describe("One watch over the matching Secrets of each namespace, in place of one for each Secret; needs `list`."),
  labels: z
    .array(label)
    .default([])
    .describe("The labels of a Secret that may show in `meta.labels`; annotations never do."),
  token: z
    .strictObject({
      audiences: z.array(text).default([]).describe("For whom a token is; by default for the API server itself."),
      expiration: duration({ minimumMs: 600_000, maximumMs: 86_400_000 })
        .prefault("1h")
        .describe("How long a token is asked to live, 10 min to 24 h; the API server may shorten or prolong it."),
    })
    .prefault({})
    .transform(({ audiences, expiration }) => ({ audiences, expirationMs: expiration }))
    .describe("How tokens read as `serviceaccount/<name>` are asked for."),
  tls: z
    .strictObject({ verify })
    .prefault({})
    .describe(
      "How the API server is checked; a kubeconfig with `insecure-skip-tls-verify` is refused unless `verify` is `false`.",
    ),
  allowInsecureHttp: z
    .boolean()
    .default(false)
    .describe("Whether a kubeconfig may name an http server on another machine."),
});
