import { type CallContext, type Finding, isSecretError, type Provider, type SecretError } from "@tacit/core/provider";
import { quoted } from "../quoted.ts";

/** The identity of this process at a store. */
export interface StoreIdentity {
  /** The end of the sentence "this process is": `serviceAccount:orders@example.iam.gserviceaccount.com`. */
  readonly who: string;
  readonly tip?: string | undefined;
  /** The name of the identity in a grant, if it is known. */
  readonly id?: string | undefined;
}

/** The functions that check paths. */
export interface PathChecks {
  get: Provider["get"];
  /** Returns the permission that reading the path requires, to copy. */
  grantOf(path: string): string;
  /** Returns whether reading the path creates a credential. Such paths are not checked. */
  isDynamic?: Provider["isDynamic"];
}

/** Returns the finding with the identity of this process. */
export function identityFinding({ who, tip }: StoreIdentity): Finding {
  return { level: "info", code: "identity", message: `this process is ${who}`, ...(tip !== undefined && { tip }) };
}

/** Returns the findings about the token of this process. @param warning a fault of the token */
export function tokenFindings(message: string, warning?: Omit<Finding, "level">): readonly Finding[] {
  const identity: Finding = { level: "info", code: "identity", message };
  return warning === undefined ? [identity] : [identity, { level: "warning", ...warning }];
}

/** Returns the finding with the permissions that this process needs; none for an empty text. */
export function privilegeFindings(grants: string): readonly Finding[] {
  if (grants === "") return [];
  return [{ level: "info", code: "least-privilege", message: "this process needs only these rights", tip: grants }];
}

/** Reads each path, and returns a finding for each secret that is missing, denied or unusable. @throws {SecretError} any other error of a read */
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

/** Returns the finding of an invalid path. */
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
