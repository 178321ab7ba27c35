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
 * Runs the parts of a diagnosis one after the other and collects their findings. A part that fails becomes a finding and ends
 * the diagnosis, since the parts after it would fail for the same reason.
 * @param code the code of the finding for a failure
 * @throws {SecretError} CLOSED; also the signal's reason, and any error that is not a SecretError
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

/** Converts the error of a call to a finding. */
export function failureFinding(code: string, { message, tip }: SecretError): Finding {
  return { level: "error", code, message, tip };
}

/** The parts of the message about a wrong clock that depend on the store. */
export interface ClockWords {
  /** The name of the store within a sentence: `Vault`, `the API server`. */
  readonly store: string;
  /** The effect of a wrong clock: `tokens seem expired`. */
  readonly consequence: string;
}

/** Returns a finding if the clock of this machine differs by more than 5 s from the Date header of a response. */
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

/** Returns a finding if certificates are not verified. @param tip the same as in the warning of the provider */
export function unverifiedFindings(
  { verify }: { readonly verify: boolean },
  store: string,
  tip: string,
): readonly Finding[] {
  if (verify) return [];
  return [{ level: "error", code: "tls-unverified", message: `any server can impersonate ${store}`, tip }];
}

/** Returns a finding if a service account token is mounted, for a provider that does not use it. */
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
