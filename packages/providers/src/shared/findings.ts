import { existsSync } from "node:fs";
import {
  type CallContext,
  type Finding,
  isSecretError,
  type ProviderHost,
  type SecretError,
} from "@tacit/core/provider";
import { serviceAccountToken } from "./service-account.ts";

/** One part of a diagnosis. */
export type FindingsPart = () => Promise<readonly Finding[]> | readonly Finding[];

/**
 * Collects what the parts of a diagnosis find, one after the other. A part that fails becomes a finding and ends it: what
 * comes after it would only fail again.
 * @param code of the finding that tells of a failure
 * @throws {SecretError} CLOSED, and the signal's reason
 */
export async function collectFindings(
  parts: readonly FindingsPart[],
  code: string,
  { signal }: CallContext,
): Promise<readonly Finding[]> {
  const found: Finding[] = [];
  for (const part of parts) {
    try {
      found.push(...(await part()));
    } catch (error) {
      if (!isSecretError(error) || error.code === "CLOSED") throw error;
      signal.throwIfAborted();
      return [...found, failureFinding(code, error)];
    }
  }
  return found;
}

/** Returns a failed call as a finding. */
export function failureFinding(code: string, { message, tip }: SecretError): Finding {
  return { level: "error", code, message, tip };
}

/** How a clock that is wrong shows at a store. */
export interface ClockWords {
  /** The store in a sentence: `Vault`, `the API server`. */
  readonly store: string;
  /** What a wrong clock breaks: `tokens seem expired`. */
  readonly consequence: string;
}

/** Compares the clock of this machine with the Date header of an answer, which is exact to the second. */
export function clockFindings(
  { clock }: Pick<ProviderHost, "clock">,
  serverTime: number | undefined,
  { store, consequence }: ClockWords,
): readonly Finding[] {
  const skewMs = serverTime === undefined ? 0 : clock.now() - serverTime;
  if (Math.abs(skewMs) <= toleratedSkewMs) return [];
  const direction = skewMs > 0 ? "ahead of" : "behind";
  const seconds = Math.round(Math.abs(skewMs) / 1000);
  return [
    {
      level: "warning",
      code: "clock-skew",
      message: `the clock of this machine is ${seconds} s ${direction} that of ${store}`,
      tip: `Set it with a time service: ${consequence} by a wrong clock.`,
    },
  ];
}

/** Reports that certificates are not checked. @param tip what to do about it, which the warning of the provider says, too */
export function unverifiedFindings(
  { verify }: { readonly verify: boolean },
  store: string,
  tip: string,
): readonly Finding[] {
  if (verify) return [];
  return [{ level: "error", code: "tls-unverified", message: `any server can impersonate ${store}`, tip }];
}

/** Returns the finding of a provider that does not use the service account token that is mounted; none where no token is. */
export function unusedAccountToken(exists: (file: string) => boolean = existsSync): readonly Finding[] {
  if (!exists(serviceAccountToken.$file)) return [];
  return [
    {
      level: "warning",
      code: "service-account-token",
      message: "a service account token is mounted, but no provider uses it",
      tip: "Set automountServiceAccountToken: false for the pod, unless the application calls the Kubernetes API itself: anyone who can read its files has the rights of that token.",
      unanimous: true,
    },
  ];
}

const toleratedSkewMs = 5000;
