import {
  type CallContext,
  type Provider,
  type ProviderHost,
  type ProviderResult,
  type ReadRequest,
  SecretError,
  type Subscription,
  type Supports,
} from "@tacit/core/provider";
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
  let closed = false;
  const assertOpen = ({ signal }: CallContext): void => {
    if (closed) throw new SecretError("CLOSED", `provider "${host.name}" was closed`);
    signal.throwIfAborted();
  };
  return {
    supports: kubernetesSupports,
    async get({ path, version, ifVersion }: ReadRequest, context: CallContext): Promise<ProviderResult> {
      assertOpen(context);
      const parsed = parsePath(path);
      if (version !== "current") throw unsupported();
      const place = { namespace: parsed.namespace ?? (await connection.namespace(context)), name: parsed.name };
      if (parsed.kind === "token") return tokens.read(place, ifVersion, context);
      asked.add(place);
      const object = await readSecret(connection, place, context);
      watches.wasRead(place, object !== undefined);
      if (object === undefined) return { status: "not-found", definitive: true };
      asked.saw(place, object);
      const secret = readSecretObject(object, host, options.labels);
      if (secret.version === ifVersion) return { status: "not-modified", version: secret.version };
      return { status: "ok", ...secret };
    },
    async subscribe(paths, hint, context): Promise<Subscription> {
      assertOpen(context);
      return watches.subscribe(paths, hint, context);
    },
    async check(context): Promise<void> {
      assertOpen(context);
      // Every identity may ask what it may do, and the answer needs a login that is good.
      const namespace = await connection.namespace(context);
      await askAccess(connection, { verb: "get", resource: "secrets", namespace }, context);
    },
    async diagnose(context) {
      assertOpen(context);
      return diagnose({ connection, options, host, surroundings, files, asked, watches }, context);
    },
    async close(): Promise<void> {
      closed = true;
      await Promise.all([watches.close(), connection.close()]);
    },
  };
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

function unsupported(): SecretError {
  return new SecretError("UNSUPPORTED", "the API server keeps no version of a Secret but the current one", {
    reason: "versions",
    tip: "Ask for the current one; `accepted` keeps the one that this process replaced.",
  });
}
