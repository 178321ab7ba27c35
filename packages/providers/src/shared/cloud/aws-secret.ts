import { type ProviderHost, type ProviderResult, SecretError, type VersionSelector } from "@tacit/core/provider";
import { notFound } from "../answer.ts";
import { base64Bytes } from "../base64.ts";
import { epochDate } from "../epoch-date.ts";
import { textBytes } from "../text-bytes.ts";
import { type AwsRefusal, awsFailure } from "./aws-errors.ts";
import { isAbout } from "./aws-names.ts";

/** One version of a secret. */
export interface SecretVersion {
  readonly versionId: string;
  readonly createdAt: Date | undefined;
  /** Undefined if the version has no value yet. */
  readonly bytes: Uint8Array | undefined;
}

/** The secret of a refused request. */
export interface AboutSecret {
  readonly path: string;
  readonly resource: string;
  readonly host: Pick<ProviderHost, "warn">;
}

/**
 * Parses the response of GetSecretValue for a name or ARN. The agents of AWS send the time as text.
 * @see https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html
 * @throws {SecretError} INTERNAL `malformed-answer`, INVALID_VALUE `not-base64` or `not-utf8`
 */
export function toSecretVersion(answer: Readonly<Record<string, unknown>>, id: string): SecretVersion {
  const { VersionId: versionId, CreatedDate: created } = answer;
  if (!isAbout(id, answer) || typeof versionId !== "string" || versionId === "") throw malformedSecret();
  return { versionId, createdAt: epochDate(created), bytes: bytesOf(answer) };
}

/** Returns the members of a request that select a version. An id has 32 to 64 characters, so a shorter text is a stage. */
export function versionInput(version: VersionSelector): {
  readonly VersionId?: string;
  readonly VersionStage?: string;
} {
  if (version === "current") return {};
  if (version === "previous") return { VersionStage: "AWSPREVIOUS" };
  return version.id.length < shortestVersionId ? { VersionStage: version.id } : { VersionId: version.id };
}

/** The types of refusals that may mean a missing secret; see `secretAbsence`. */
export const absentSecret: readonly string[] = ["ResourceNotFoundException", "InvalidRequestException"];

/**
 * Returns "not found" for a missing secret, or one scheduled for deletion, with a warning.
 * @throws {SecretError} the error of any other refusal
 */
export function secretAbsence({ type, words }: AwsRefusal, { path, resource, host }: AboutSecret): ProviderResult {
  if (type === "ResourceNotFoundException") return notFound;
  if (!/\bdelet/i.test(words))
    throw awsFailure({ type, words }, { action: "GetSecretValue", service: "secretsmanager", resource });
  host.warn(
    "scheduled-deletion",
    `The secret "${path}" is marked for deletion and can no longer be read: until its recovery window ends, \`aws secretsmanager restore-secret\` restores it.`,
  );
  return notFound;
}

function bytesOf({
  SecretString: text,
  SecretBinary: binary,
}: Readonly<Record<string, unknown>>): Uint8Array | undefined {
  if (typeof text === "string") return textBytes(text);
  if (binary === undefined || binary === null) {
    if (text === undefined || text === null) return undefined;
    throw malformedSecret();
  }
  if (typeof binary !== "string") throw malformedSecret();
  const bytes = base64Bytes(binary);
  if (bytes !== undefined) return bytes;
  throw new SecretError("INVALID_VALUE", "the binary value of a secret is not base64", {
    reason: "not-base64",
    tip: "Check that `endpoint` leads to AWS: it always encodes binary values.",
  });
}

/** Returns the error of a malformed response. */
export function malformedSecret(): SecretError {
  return new SecretError("INTERNAL", "the response is not in a form that Secrets Manager sends", {
    reason: "malformed-answer",
    tip: "Check that `endpoint` leads to AWS, and check any proxy in front of it.",
  });
}

const shortestVersionId = 32;
