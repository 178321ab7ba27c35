import type { ProviderResult, ReadRequest, VersionSelector } from "../contract/contract.ts";
import { isLease } from "../contract/lease.ts";
import { isSecretError, SecretError } from "../error/secret-error.ts";
import type { LeaseCalls } from "../lease/lease-calls.ts";
import type { ConfiguredProvider } from "../provider/configured-provider.ts";
import type { Clock } from "../time/clock.ts";
import type { FlightMode } from "../time/single-flight.ts";
import { toOutcome } from "./provider-answer.ts";
import type { Outcome, Payload } from "./source.ts";

/** One read of one path. */
export interface Question {
  readonly provider: ConfiguredProvider;
  readonly leases: LeaseCalls;
  readonly path: string;
  readonly version: VersionSelector;
  /** The newest good answer so far. */
  readonly held: Payload | undefined;
  /** Whether the store issues a new credential at each read. */
  readonly isDynamic: boolean;
  readonly mode: FlightMode;
}

/** Reads once from a provider. Never rejects: a failure is an outcome, too. */
export async function askProvider(question: Question, clock: Clock, urgent: boolean): Promise<Outcome> {
  const { provider, held } = question;
  const times = { askedAt: clock.now(), beganAt: clock.monotonic() };
  let answering: Promise<ProviderResult | undefined> | undefined;
  try {
    if (question.version !== "current") await requireVersions(provider);
    const onAsked = (asked: Promise<ProviderResult | undefined>): void => {
      answering = asked;
    };
    const alone = question.isDynamic || question.version !== "current";
    const request = toRequest(question);
    const result = await provider.read(request, onAsked, { urgent, alone });
    const asked = { ...times, ifVersion: request.ifVersion, fetchedAt: clock.now() };
    const outcome = toOutcome(result, held, provider.name, asked);
    if (outcome.kind === "failed") revokeUnused(answering, question.leases);
    return outcome;
  } catch (error) {
    revokeUnused(answering, question.leases);
    return { kind: "failed", error: isSecretError(error) ? error : provider.toSecretError(error) };
  }
}

async function requireVersions(provider: ConfiguredProvider): Promise<void> {
  const { supports } = await provider.open();
  if (supports.versions) return;
  const message = `provider "${provider.name}" keeps only the current version`;
  throw new SecretError("UNSUPPORTED", message, {
    reason: "versions",
    provider: provider.name,
    tip: 'Ask for the current version: without "@previous" in the reference, without `version` in the binding.',
  });
}

function toRequest({ provider, path, version, held, isDynamic, mode }: Question): ReadRequest {
  const isConditional = provider.supports?.conditional === true && !isDynamic && held !== undefined;
  const isFresh = mode !== "cached" && mode !== "join";
  return {
    path,
    version,
    ...(isConditional && { ifVersion: held.version }),
    ...(isFresh && { fresh: true }),
    ...(mode === "hinted" && { hinted: true }),
  };
}

/** Revokes a credential that arrives after the read has failed, or in an invalid answer. */
function revokeUnused(answering: Promise<ProviderResult | undefined> | undefined, leases: LeaseCalls): void {
  const late = Promise.resolve(answering).then(async (result) => {
    if (result?.status === "ok" && isLease(result.lease)) await leases.revoke(result.lease);
  });
  // A failure to revoke has no reader to report it to; the lease then expires at the store.
  late.catch(() => undefined);
}
