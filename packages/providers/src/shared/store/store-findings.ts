import { type CallContext, type Finding, isSecretError, type Provider, type SecretError } from "@tacit/core/provider";
import { quoted } from "../quoted.ts";

/** Whom a store takes this process for. */
export interface StoreIdentity {
  /** The end of a sentence: `serviceAccount:orders@example.iam.gserviceaccount.com`. */
  readonly who: string;
  readonly tip?: string | undefined;
  /** What a grant calls it, where that is known. */
  readonly id?: string | undefined;
}

/** How the paths that were asked for are looked at. */
export interface PathChecks {
  get: Provider["get"];
  /** What an operator grants for one path. */
  grantOf(path: string): string;
  /** Whether reading a path makes a credential, which is not done to look. */
  isDynamic?: Provider["isDynamic"];
}

export function identityFinding({ who, tip }: StoreIdentity): Finding {
  return { level: "info", code: "identity", message: `this process is ${who}`, ...(tip !== undefined && { tip }) };
}

/** Returns what grants exactly the secrets that were asked for, to copy; none where there are none. */
export function privilegeFindings(grants: string): readonly Finding[] {
  if (grants === "") return [];
  return [{ level: "info", code: "least-privilege", message: "this process needs only these rights", tip: grants }];
}

/** Returns what is missing or denied of the secrets that were asked for. @throws {SecretError} what a read throws */
export async function pathFindings(
  paths: readonly string[],
  { get, grantOf, isDynamic }: PathChecks,
  context: CallContext,
): Promise<readonly Finding[]> {
  const found: Finding[] = [];
  for (const path of paths.filter((each) => isDynamic?.(each) !== true)) {
    try {
      const { status } = await get({ path, version: "current" }, context);
      if (status === "not-found") found.push(missing(path, grantOf(path)));
    } catch (error) {
      if (!isSecretError(error, "PERMISSION_DENIED", "INVALID_VALUE")) throw error;
      found.push(error.code === "INVALID_VALUE" ? unusable(path, error) : denied(path, grantOf(path)));
    }
  }
  return found;
}

/** Returns the finding of a path that the store cannot hold. */
export function nameFinding(path: string, { tip }: SecretError): Finding {
  return { level: "error", code: "name-invalid", message: `${quoted(path)} is not a valid path of the store`, tip };
}

function missing(path: string, grant: string): Finding {
  return {
    level: "warning",
    code: "secret-missing",
    message: `the store has no secret ${quoted(path)}, or does not show it to this login`,
    tip: `Correct the name or its binding. The login needs: ${grant}`,
  };
}

function unusable(path: string, { message, tip }: SecretError): Finding {
  return { level: "error", code: "secret-unusable", message: `${quoted(path)}: ${message}`, tip };
}

function denied(path: string, grant: string): Finding {
  return {
    level: "error",
    code: "policy-missing",
    message: `this login may not read ${quoted(path)}`,
    tip: `Grant it: ${grant}`,
  };
}
