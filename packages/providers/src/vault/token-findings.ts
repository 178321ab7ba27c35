import { type CallContext, type Finding, isSecretError } from "@tacit/core/provider";
import type { Session } from "./session.ts";

/** What is to be said of the token in use. @throws {SecretError} what a call throws */
export async function tokenFindings(session: Session, context: CallContext): Promise<readonly Finding[]> {
  const token = await lookUp(session, context);
  if (token === undefined) return [blind];
  const policies = Array.isArray(token.policies) ? token.policies : [];
  if (policies.includes("root")) return [rootToken];
  const [ttl, created, period] = [token.ttl, token.creation_ttl, token.period].map((each) =>
    typeof each === "number" ? each : 0,
  ) as [number, number, number];
  if (ttl === 0) return [endless];
  if (token.renewable === true || period > 0 || ttl > Math.max(created / 10, nearSeconds)) return [];
  // A login makes another one in time; one from outside has to be replaced by whoever made it.
  return [ending(ttl)];
}

/** Undefined where the policies forbid it. */
async function lookUp(session: Session, context: CallContext): Promise<Readonly<Record<string, unknown>> | undefined> {
  try {
    const { data } = await session.call({ path: "auth/token/lookup-self" }, context);
    return (data ?? {}) as Readonly<Record<string, unknown>>;
  } catch (error) {
    if (isSecretError(error, "PERMISSION_DENIED")) return undefined;
    throw error;
  }
}

const nearSeconds = 300;

const blind: Finding = {
  level: "warning",
  code: "token-blind",
  message: "the token may not look itself up, so a dead one cannot be told from a right that is missing",
  tip: 'Give its role the policy "default", or "read" on auth/token/lookup-self.',
};

const rootToken: Finding = {
  level: "error",
  code: "token-root",
  message: "this process holds a root token: it may do everything, and it does not end",
  tip: "Revoke it, and log in with a role whose policies name the secrets of this application.",
};

const endless: Finding = {
  level: "warning",
  code: "token-endless",
  message: "the token never ends, so a stolen one is good for ever",
  tip: "Give its role a period or a maximum TTL.",
};

function ending(seconds: number): Finding {
  return {
    level: "warning",
    code: "token-ending",
    message: `the token ends in ${Math.round(seconds)} s and can be renewed no more`,
    tip: "If it was made outside of this process, replace it; a login method gets a new one by itself.",
  };
}
