import { contentResult } from "../../shared/answer.ts";
import type { Engine, EngineContext } from "./engine.ts";
import { assertCurrent, malformed } from "./refusal.ts";

/**
 * Creates the reader of a cubbyhole. Each token has its own, which ends with the token: it is empty after a new login, so a missing
 * path is not reported as a deletion.
 * @see https://developer.hashicorp.com/vault/docs/secrets/cubbyhole
 */
export function createCubbyholeEngine({ session, host, mount }: EngineContext): Engine {
  return {
    kind: "cubbyhole",
    isDynamic: () => false,
    async get({ path, version, ifVersion }, context) {
      assertCurrent({ version }, "cubbyhole");
      const request = { path: "{+mount}/{+path}", values: { mount, path }, accept: [404] };
      const answer = await session.call(request, context);
      if (answer.status === 404) return { status: "not-found", definitive: false };
      const fields = answer.fields();
      if (fields === undefined) throw malformed("cubbyhole");
      return contentResult({ kind: "fields", fields }, { ifVersion }, host);
    },
  };
}
