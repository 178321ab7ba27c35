import type {
  CallContext,
  Lease,
  Provider,
  ProviderHost,
  ProviderResult,
  ReadRequest,
  Supports,
} from "@tacit/core/provider";
import { guarded } from "../shared/answer.ts";
import { RecentPaths } from "../shared/recent-paths.ts";
import type { VaultApi } from "../shared/vault/api.ts";
import { openVaultConnection } from "../shared/vault/connection.ts";
import type { Environment } from "../shared/vault/environment.ts";
import { checkPath } from "../shared/vault/path.ts";
import { diagnose } from "./diagnose.ts";
import { createEngine } from "./engine/create-engine.ts";
import { createDetectedKvEngine } from "./engine/detected-kv.ts";
import type { Engine, EngineContext } from "./engine/engine.ts";
import { Leases } from "./engine/leases.ts";
import { type MountedPath, Mounts } from "./engine/mounts.ts";
import { createWrappedEngine } from "./engine/wrapped.ts";
import { policyDenial } from "./errors.ts";
import { EventSockets } from "./event-socket.ts";
import { EventStream } from "./events.ts";
import type { VaultOptions } from "./options.ts";

/** Creates a provider. Performs no I/O before the first call. @throws {SecretError} INVALID_CONFIG for an invalid address */
export function openVaultProvider(
  options: VaultOptions,
  host: ProviderHost,
  environment: Environment = process.env,
): Provider {
  const connection = openVaultConnection(options, host, environment);
  const { api, session, http, hasLogin } = connection;
  const leases = new Leases(session, host);
  const mounts = createMounts(options, { api, session, leases, host });
  const events = new EventStream({
    sockets: new EventSockets(http, host),
    session,
    host,
    find: (path) => mounts.find(path),
  });
  const recentPaths = new RecentPaths<MountedPath>(mostPaths);
  const supports: Supports = vaultSupports(options);
  const provider: Provider = {
    supports,
    async get(request: ReadRequest, context: CallContext): Promise<ProviderResult> {
      const found = mounts.find(checkPath(request.path));
      recentPaths.add(request.path, found);
      try {
        const result = await found.engine.get({ ...request, path: found.path }, context);
        if (result.status === "not-found") warnOfMount(request.path, found, options, host);
        return result;
      } catch (error) {
        throw policyDenial(error, found.engine.policyPath?.(found.path));
      }
    },
    ...(options.events && {
      subscribe: async (paths: readonly string[], hint: (path?: string) => void) => events.subscribe(paths, hint),
    }),
    isDynamic(path) {
      const found = mounts.find(path);
      return found.engine.isDynamic(found.path);
    },
    ...(supports.leases === true && {
      renew: (lease: Lease, context: CallContext) => leases.renew(lease, context),
      revoke: (lease: Lease, context: CallContext) => leases.revoke(lease, context),
    }),
    async check(context) {
      await api.call(health, context);
    },
    diagnose: (context) => diagnose({ api, session, options, host, environment, recentPaths, hasLogin }, context),
    async close() {
      events.close();
      await connection.close();
    },
  };
  return guarded(provider, host);
}

/** Warns about a missing path that begins with the mount, as in Vault's command line. It is not an error, since a folder may have that name. */
function warnOfMount(asked: string, { path }: MountedPath, { mount }: VaultOptions, host: ProviderHost): void {
  if (path !== asked || !asked.startsWith(`${mount}/`)) return;
  host.warn(
    "path-with-mount",
    `A path begins with the name of the mount "${mount}", but nothing is there: write the path below the mount, without "data/".`,
  );
}

/** Limits the paths in one request for capabilities. */
const mostPaths = 50;
/** The request of a health check. A standby counts as healthy, since it forwards requests. */
const health = { path: "sys/health", root: true, query: { standbyok: true, perfstandbyok: true } } as const;

function createMounts(
  { mount, engine, mounts, wrapped, labels }: VaultOptions,
  { api, ...shared }: Pick<EngineContext, "session" | "leases" | "host"> & { readonly api: VaultApi },
): Mounts {
  const at = (place: string): EngineContext => ({ ...shared, mount: place, labels });
  const main = engine === undefined ? createDetectedKvEngine(at(mount)) : createEngine({ engine }, at(mount));
  const declared = new Map<string, Engine>(
    Object.entries(mounts).map(([place, its]) => [place, createEngine(its, at(place))]),
  );
  if (wrapped.length > 0) declared.set("wrapped", createWrappedEngine(shared, api, wrapped));
  return new Mounts(main, declared);
}

/** Returns the capabilities of a provider with these options. */
export function vaultSupports({ engine, mounts, wrapped, events }: VaultOptions): Supports {
  const engines = [engine ?? "kv-v2", ...Object.values(mounts).map((each) => each.engine)];
  const isKvAlone = engines.every((each) => each.startsWith("kv-")) && wrapped.length === 0;
  return {
    // Transit returns one value, every other engine an object.
    payload: engines.includes("transit") ? "both" : "fields",
    versions: engines.includes("kv-v2"),
    subscribe: events ? "remote" : false,
    conditional: true,
    ...(!isKvAlone && { leases: true }),
    defaultPollMs: 300_000,
  };
}
