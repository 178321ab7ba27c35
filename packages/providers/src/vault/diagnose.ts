import { type CallContext, type Finding, isSecretError, type ProviderHost } from "@tacit/core/provider";
import { unusedAccountToken } from "../shared/findings.ts";
import type { Asked } from "./asked.ts";
import type { Environment } from "./environment.ts";
import type { VaultOptions } from "./options.ts";
import { policyFindings } from "./policy-findings.ts";
import type { Session } from "./session.ts";
import { tlsFindings } from "./tls-findings.ts";
import { tokenFindings } from "./token-findings.ts";
import type { VaultAnswer, VaultApi } from "./vault-api.ts";

/** What is looked at. */
export interface Patient {
  readonly api: VaultApi;
  readonly session: Session;
  readonly options: VaultOptions;
  readonly host: ProviderHost;
  readonly environment: Environment;
  readonly asked: Asked;
  /** Whether this process has a token of its own to look at. */
  readonly hasLogin: boolean;
}

/**
 * What an operator should know: the state of the node, the clocks, the token, and rights that are missing or too many.
 * @throws {SecretError} CLOSED
 */
export async function diagnose(patient: Patient, context: CallContext): Promise<readonly Finding[]> {
  const { options, environment, session, asked, hasLogin } = patient;
  const found: Finding[] = [
    ...tlsFindings(options.tls, environment),
    ...(usesServiceAccount(options) ? [] : unusedAccountToken()),
  ];
  // Each part tells of its own failure; what comes after it would only fail again.
  const parts: readonly (() => Promise<readonly Finding[]>)[] = [
    () => serverFindings(patient, context),
    ...(hasLogin ? [() => tokenFindings(session, context)] : []),
    () => policyFindings(session, { paths: asked.policyPaths, mount: options.mount }, context),
  ];
  for (const part of parts) {
    try {
      found.push(...(await part()));
    } catch (error) {
      if (!isSecretError(error) || error.code === "CLOSED") throw error;
      context.signal.throwIfAborted();
      return [...found, { level: "error", code: "vault", message: error.message, tip: error.tip }];
    }
  }
  return found;
}

function usesServiceAccount({ auth }: VaultOptions): boolean {
  return auth.method === "kubernetes" && "$file" in auth.jwt && auth.jwt.$file.startsWith(accountMount);
}

const accountMount = "/var/run/secrets/kubernetes.io/serviceaccount/";

async function serverFindings({ api, host }: Patient, context: CallContext): Promise<readonly Finding[]> {
  const request = { path: "sys/health", root: true, accept: [429, 473] };
  const answer = await api.call(request, context);
  const isStandby = answer.status !== 200 || answer.body.standby === true || answer.body.performance_standby === true;
  return [...clockFindings(answer, host), ...(isStandby ? [standby] : [])];
}

function clockFindings({ serverTime }: VaultAnswer, { clock }: Pick<ProviderHost, "clock">): readonly Finding[] {
  const skewMs = serverTime === undefined ? 0 : clock.now() - serverTime;
  if (Math.abs(skewMs) <= toleratedSkewMs) return [];
  const direction = skewMs > 0 ? "ahead of" : "behind";
  return [
    {
      level: "warning",
      code: "clock-skew",
      message: `the clock of this machine is ${Math.round(Math.abs(skewMs) / 1000)} s ${direction} that of Vault`,
      tip: "Let a time service set it: logins with signed requests or JWTs fail, and secrets seem to end, by a wrong clock.",
    },
  ];
}

const toleratedSkewMs = 5000;

const standby: Finding = {
  level: "info",
  code: "standby",
  message: "the address leads to a standby, which forwards to the active node or redirects there",
  tip: "Nothing is wrong with it; an address of the active node saves a hop.",
};
