import { type ProviderResult, type ReadRequest, SecretError } from "@tacit/core/provider";
import { assertCurrent as assertCurrentVersion } from "../../shared/answer.ts";
import type { VaultAnswer } from "../../shared/vault/answer.ts";

/**
 * The statuses by which an engine says that it will not: `VaultRequest.accept` for a read of it. A 404 with words, for a path
 * that nobody serves, is thrown by the API already.
 */
export const refusals: readonly number[] = [400, 404];

/** Whether Vault said something like that. Its words decide; they are never shown, as they quote parameters. */
export function says({ errors }: Pick<VaultAnswer, "errors">, pattern: RegExp): boolean {
  return errors.some((error) => pattern.test(error));
}

/**
 * What a refusal by an engine means. An unknown role is a definitive not-found: policies were asked before.
 * @param unknown how this engine says that it does not know what was asked for
 * @throws {SecretError} INVALID_CONFIG `request-refused`, with this tip
 */
export function refusal(answer: VaultAnswer, { unknown, tip }: { unknown: RegExp; tip: string }): ProviderResult {
  if (answer.status === 404 || says(answer, unknown)) return { status: "not-found", definitive: true };
  throw requestRefused(answer, tip);
}

/** The error for a request that Vault understood and refused for what it asks. */
export function requestRefused({ status }: Pick<VaultAnswer, "status">, tip: string): SecretError {
  return new SecretError("INVALID_CONFIG", `Vault refused the request with ${status}`, {
    reason: "request-refused",
    tip,
  });
}

/** @throws {SecretError} UNSUPPORTED `versions` for any version but the current one */
export function assertCurrent(request: Pick<ReadRequest, "version">, kind: string): void {
  assertCurrentVersion(request, `Vault's ${kind} engine keeps only the current version`);
}

/** The error for an answer that this engine cannot have given. */
export function malformed(kind: string): SecretError {
  return new SecretError("INTERNAL", `Vault's response does not have the form of its ${kind} engine`, {
    reason: "malformed-answer",
    tip: "Check that `engine` matches the mount.",
  });
}

/** The error for a path that the engine has no meaning for. */
export function unknownPath(kind: string, forms: string): SecretError {
  return new SecretError("INVALID_NAME", `a path of Vault's ${kind} engine has another form`, {
    reason: "path",
    tip: `Write ${forms}, below the mount.`,
  });
}

/** The error for a path whose mount must be told first what to ask for. */
export function undeclared(message: string, tip: string): SecretError {
  return new SecretError("INVALID_NAME", message, { reason: "undeclared", tip });
}

/** For an answer whose data is no JSON object. */
export function notFields(): SecretError {
  return new SecretError("INVALID_VALUE", "the stored value is not an object with fields", {
    reason: "not-object",
    tip: "Check that `engine` matches the mount, and write the secret as keys with values.",
  });
}
