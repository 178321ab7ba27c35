import type { Engine, EngineContext } from "./engine.ts";
import { assertCurrent, malformed, refusal, refusals } from "./refusal.ts";

/** What the document says of an engine that has no reader of its own. */
export interface GenericOptions {
  /** Whether reading makes a new credential, as `aws/creds/<role>` does. */
  readonly dynamic: boolean;
}

/** Reads any path of any engine by GET, as `vault read` does: the members of `data` are the fields. */
export function createGenericEngine(
  { session, host, leases, mount }: EngineContext,
  { dynamic }: GenericOptions,
): Engine {
  return {
    kind: "generic",
    isDynamic: () => dynamic,
    async get({ path, version, ifVersion }, context) {
      assertCurrent(version, "generic");
      const answer = await session.call(
        { path: "{+mount}/{+path}", values: { mount, path }, accept: refusals },
        context,
      );
      if (refusals.includes(answer.status)) return refusal(answer, { unknown, tip });
      const fields = answer.fields();
      if (fields === undefined) throw malformed("generic");
      const payload = { kind: "fields", fields } as const;
      const lease = leases.of(answer);
      if (lease !== undefined && !dynamic) host.warn("vault-undeclared-lease", leaseTip);
      const current = host.contentVersion(payload);
      if (lease === undefined && current === ifVersion) return { status: "not-modified", version: current };
      return { status: "ok", payload, version: current, lease };
    },
  };
}

const unknown = /unknown role|role .*(not found|does not exist)|no such role/i;
const tip = "Check with `vault read` that this engine answers a read of the path.";
const leaseTip =
  'A mount with "dynamic": false answered with a lease: write "dynamic": true, so that reading it makes no more credentials than needed.';
