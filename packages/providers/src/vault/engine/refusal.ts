import { type ProviderResult, type ReadRequest, SecretError } from "@tacit/core/provider";
import { assertCurrent as assertCurrentVersion } from "../../shared/answer.ts";
import type { VaultAnswer } from "../../shared/vault/answer.ts";

/**
 * The statuses of refusals by an engine, for `VaultRequest.accept`. For a 404 with messages, which means that nothing is mounted at the
 * path, `VaultApi.call` throws.
 */
export const refusals: readonly number[] = [400, 404];

/** Returns whether a message of Vault matches. Errors never contain the messages, since they may quote parameters. */
export function says({ errors }: Pick<VaultAnswer, "errors">, pattern: RegExp): boolean {
  return errors.some((error) => pattern.test(error));
}

/**
 * Returns the result of a refusal: definitive not-found for an unknown role, since Vault checks the policies first.
 * @param unknown matches the message of this engine for an unknown role
 * @throws {SecretError} INVALID_CONFIG `request-refused` for any other refusal
 */
export function refusal(answer: VaultAnswer, { unknown, tip }: { unknown: RegExp; tip: string }): ProviderResult {
  if (answer.status === 404 || says(answer, unknown)) return { status: "not-found", definitive: true };
  throw requestRefused(answer, tip);
}

/** Returns the error of a refused request. */
export function requestRefused({ status }: Pick<VaultAnswer, "status">, tip: string): SecretError {
  return new SecretError("INVALID_CONFIG", `Vault refused the request with ${status}`, {
    reason: "request-refused",
    tip,
  });
}

/** Checks that a read asks for the current version. @throws {SecretError} UNSUPPORTED `versions` for any other */
export function assertCurrent(request: Pick<ReadRequest, "version">, kind: string): void {
  assertCurrentVersion(request, `Vault's ${kind} engine keeps only the current version`);
}

/** Returns the error of a response that does not have the form of the engine. */
export function malformed(kind: string): SecretError {
  return new SecretError("INTERNAL", `Vault's response does not have the form of its ${kind} engine`, {
    reason: "malformed-answer",
    tip: "Check that `engine` matches the mount.",
  });
}

/** Returns the error of an invalid path. @param forms the valid forms, for the tip */
export function unknownPath(kind: string, forms: string): SecretError {
  return new SecretError("INVALID_NAME", `a path of Vault's ${kind} engine has another form`, {
    reason: "path",
    tip: `Write ${forms}, below the mount.`,
  });
}

/** Returns the error of a path that must be declared in the options of its mount. */
export function undeclared(message: string, tip: string): SecretError {
  return new SecretError("INVALID_NAME", message, { reason: "undeclared", tip });
}

/** Returns the error of a secret that is not a JSON object. */
export function notFields(): SecretError {
  return new SecretError("INVALID_VALUE", "the stored value is not an object with fields", {
    reason: "not-object",
    tip: "Check that `engine` matches the mount, and write the secret as keys with values.",
  });
}
