import type { ProviderResult } from "@tacit/core/provider";
import { RecentPaths } from "../../shared/recent-paths.ts";
import { announcedLife, countdownFields } from "./announced-end.ts";
import type { Engine, EngineContext } from "./engine.ts";
import { assertCurrent, malformed, refusal, refusals } from "./refusal.ts";
import { isStaticRole, StaticRoles } from "./static-role.ts";

/** The options of an engine without a specific reader. */
export interface GenericOptions {
  /** Whether a read creates a credential, as with `aws/creds/<role>`. */
  readonly dynamic: boolean;
}

/** Creates a reader for any engine. It reads paths with GET, like `vault read`; the members of `data` are the fields. */
export function createGenericEngine(
  { session, host, leases, mount }: EngineContext,
  { dynamic }: GenericOptions,
): Engine {
  const staticRoles = new StaticRoles(host, kind);
  /** The paths without a known expiry, whose changes only polling can find. */
  const endless = new RecentPaths<true>(mostPaths);
  return {
    kind,
    isDynamic: (path) => dynamic && endless.get(path) !== true,
    async get({ path, version, ifVersion }, context): Promise<ProviderResult> {
      assertCurrent({ version }, kind);
      const request = { path: "{+mount}/{+path}", values: { mount, path }, accept: refusals };
      const answer = await session.call(request, context);
      if (refusals.includes(answer.status)) return refusal(answer, { unknown, tip });
      const fields = answer.fields();
      if (fields === undefined) throw malformed(kind);
      const lease = leases.of(answer);
      const isStatic = lease === undefined && isStaticRole(path, answer);
      const life = lease === undefined && !isStatic ? announcedLife(answer, host) : undefined;
      const ends = lease !== undefined || life !== undefined;
      if (ends && !dynamic) host.warn("vault-undeclared-lease", leaseTip);
      if (!ends && dynamic) {
        endless.add(path, true);
        host.warn("vault-no-lease", endlessTip);
      }
      if (isStatic) return staticRoles.read(path, answer, fields);
      // Countdowns differ in each response, so they are not part of the version.
      const content = [...fields].filter(([name]) => life === undefined || !countdownFields.includes(name));
      const current = host.contentVersion({ kind: "fields", fields: new Map(content) });
      if (!ends && current === ifVersion) return { status: "not-modified", version: current };
      return { status: "ok", payload: { kind: "fields", fields }, version: current, lease, ...life };
    },
  };
}

const kind = "generic";
const mostPaths = 1000;
const unknown = /unknown role|role .*(not found|does not exist)|no such role/i;
const tip = "Check with `vault read` that this engine answers a read of the path.";
const leaseTip =
  'A mount with "dynamic": false answered with a credential that ends: write "dynamic": true if each read creates one, so that it is read no more often than needed.';
const endlessTip =
  'A mount with "dynamic": true answered with neither a lease nor an end: it is read again with each poll. Write "dynamic": false if a read creates nothing.';
