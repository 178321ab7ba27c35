import type { CallContext, Provider, ProviderHost, ProviderResult, ReadRequest, Supports } from "@tacit/core/provider";
import { assertCurrent, guarded, notFound, unlessHeld } from "../shared/answer.ts";
import { askAccess, KubernetesApi } from "./api.ts";
import { diagnose, unverifiedTip } from "./diagnose.ts";
import {
  accountDirectory,
  inClusterLogin,
  isInCluster,
  type ProcessContext,
  ServiceAccountFiles,
} from "./in-cluster.ts";
import { kubeconfigLogin } from "./kubeconfig/login.ts";
import type { LoginSource } from "./login.ts";
import { objectMeta } from "./object-meta.ts";
import type { KubernetesOptions } from "./options.ts";
import { parsePath } from "./path.ts";
import { RecentSecrets } from "./recent-secrets.ts";
import { readSecret, readSecretObject, type SecretLocation } from "./secret.ts";
import { TokenReader } from "./token.ts";
import { Watches } from "./watch/watches.ts";

/** The capabilities of a `kubernetes` provider. */
export const kubernetesSupports: Supports = {
  payload: "fields",
  versions: false,
  subscribe: "remote",
  conditional: true,
  defaultPollMs: 300_000,
};

/** Opens a provider, without reading or requesting anything before the first call. */
export function openKubernetesProvider(
  options: KubernetesOptions,
  host: ProviderHost,
  processContext: ProcessContext = { environment: process.env, accountDirectory },
): Provider {
  if (!options.tls.verify) host.warn("tls-unverified", unverifiedTip);
  const files = new ServiceAccountFiles(processContext.accountDirectory);
  const access = accessOf(options, host, processContext, files);
  const connection = new KubernetesApi(access, options, host);
  const watches = new Watches(connection, options, host);
  const tokens = new TokenReader(connection, options.token, host);
  const recent = new RecentSecrets();
  const ask = async (location: SecretLocation, context: CallContext): Promise<unknown> => {
    const positions = watches.positionsOf(location);
    const object = await readSecret(connection, location, context);
    watches.wasRead(location, object === undefined ? undefined : objectMeta(object).resourceVersion, positions);
    return object;
  };
  const provider: Provider = {
    supports: kubernetesSupports,
    async get(request: ReadRequest, context: CallContext): Promise<ProviderResult> {
      const parsed = parsePath(request.path);
      assertCurrent(request, "the API server keeps only the current version of a Secret");
      const location = { namespace: parsed.namespace ?? (await connection.namespace(context)), name: parsed.name };
      if (parsed.kind === "token") return tokens.read(location, request.ifVersion, context);
      recent.add(location);
      const pushed = request.hinted === true ? watches.take(location) : undefined;
      const object = pushed ?? (await ask(location, context));
      if (object === undefined) return notFound;
      recent.saw(location, object);
      return unlessHeld({ status: "ok", ...readSecretObject(object, host, options.labels) }, request);
    },
    subscribe: (paths, hint, context) => watches.subscribe(paths, hint, context),
    async check(context): Promise<void> {
      // Every identity may ask this question, and the answer requires a valid login.
      const namespace = await connection.namespace(context);
      await askAccess(connection, { verb: "get", resource: "secrets", namespace }, context);
    },
    diagnose: (context) => diagnose({ connection, options, host, processContext, files, recent, watches }, context),
    async close(): Promise<void> {
      await Promise.all([watches.close(), connection.close()]);
    },
  };
  return guarded(provider, host);
}

/** Returns the login source: a configured kubeconfig is used within a cluster, too. */
function accessOf(
  options: KubernetesOptions,
  host: ProviderHost,
  { environment }: ProcessContext,
  files: ServiceAccountFiles,
): LoginSource {
  const wantsKubeconfig = options.kubeconfig !== undefined || options.context !== undefined;
  if (!wantsKubeconfig && isInCluster(environment)) return inClusterLogin(environment, files, host, options.tls);
  return kubeconfigLogin(options, environment, host);
}
