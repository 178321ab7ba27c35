import type { CallContext, Provider, ProviderHost, ProviderResult, ReadRequest, Supports } from "@tacit/core/provider";
import { assertCurrent, guarded, notFound, unlessHeld } from "../shared/answer.ts";
import { askAccess } from "./access-review.ts";
import type { ApiAccess } from "./api-access.ts";
import { ApiConnection } from "./api-connection.ts";
import { Asked } from "./asked.ts";
import { diagnose, unverifiedTip } from "./diagnose.ts";
import { type Environment, inClusterAccess, isInCluster } from "./in-cluster.ts";
import { kubeconfigAccess } from "./kubeconfig-access.ts";
import type { KubernetesOptions } from "./options.ts";
import { parsePath } from "./path.ts";
import { readSecretObject } from "./secret-object.ts";
import { readSecret } from "./secret-read.ts";
import { accountDirectory, ServiceAccountFiles } from "./service-account-files.ts";
import { TokenReader } from "./token-request.ts";
import { Watches } from "./watches.ts";

/** What a `kubernetes` provider can do; one that is open says, too, whether it uses the service account. */
export const kubernetesSupports: Supports = {
  payload: "fields",
  versions: false,
  subscribe: "remote",
  conditional: true,
  defaultPollMs: 300_000,
};

/** What a provider finds around it. */
export interface Surroundings {
  readonly environment: Environment;
  /** Where the service account is mounted. */
  readonly accountDirectory: string;
}

/** Opens a provider; nothing is read or asked before the first call. */
export function openKubernetesProvider(
  options: KubernetesOptions,
  host: ProviderHost,
  surroundings: Surroundings = { environment: process.env, accountDirectory },
): Provider {
  if (!options.tls.verify) host.warn("tls-unverified", unverifiedTip);
  const files = new ServiceAccountFiles(surroundings.accountDirectory);
  const access = accessOf(options, host, surroundings, files);
  const connection = new ApiConnection(access, options, host);
  const watches = new Watches(connection, options, host);
  const tokens = new TokenReader(connection, options.token, host);
  const asked = new Asked();
  const provider: Provider = {
    supports: kubernetesSupports,
    async get(request: ReadRequest, context: CallContext): Promise<ProviderResult> {
      const parsed = parsePath(request.path);
      assertCurrent(request, "the API server keeps no version of a Secret but the current one");
      const place = { namespace: parsed.namespace ?? (await connection.namespace(context)), name: parsed.name };
      if (parsed.kind === "token") return tokens.read(place, request.ifVersion, context);
      asked.add(place);
      const object = await readSecret(connection, place, context);
      watches.wasRead(place, object !== undefined);
      if (object === undefined) return notFound;
      asked.saw(place, object);
      return unlessHeld({ status: "ok", ...readSecretObject(object, host, options.labels) }, request);
    },
    subscribe: (paths, hint, context) => watches.subscribe(paths, hint, context),
    async check(context): Promise<void> {
      // Every identity may ask what it may do, and the answer needs a login that is good.
      const namespace = await connection.namespace(context);
      await askAccess(connection, { verb: "get", resource: "secrets", namespace }, context);
    },
    diagnose: (context) => diagnose({ connection, options, host, surroundings, files, asked, watches }, context),
    async close(): Promise<void> {
      await Promise.all([watches.close(), connection.close()]);
    },
  };
  return guarded(provider, host);
}

/** A kubeconfig that is asked for by name counts also within a cluster. */
function accessOf(
  options: KubernetesOptions,
  host: ProviderHost,
  { environment }: Surroundings,
  files: ServiceAccountFiles,
): ApiAccess {
  const wantsKubeconfig = options.kubeconfig !== undefined || options.context !== undefined;
  if (!wantsKubeconfig && isInCluster(environment)) return inClusterAccess(environment, files, host, options.tls);
  return kubeconfigAccess(options, host);
}
