import { isRecord } from "../shared/answer.ts";
import { malformedSecret, type SecretVersion, toSecretVersion } from "../shared/cloud/aws-secret.ts";

/** One value of a batch, not yet read. */
export interface SecretValue {
  readonly arn: unknown;
  readonly name: unknown;
  /** @throws {SecretError} as `toSecretVersion` does */
  version(): SecretVersion;
}

/** What a batch answers: HTTP 200, whatever became of each secret. */
export interface SecretBatch {
  readonly values: readonly SecretValue[];
  readonly errors: readonly { readonly id: string; readonly code: string; readonly words: string }[];
}

/** @see https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_BatchGetSecretValue.html */
export function toSecretBatch(answer: Readonly<Record<string, unknown>>): SecretBatch {
  const { SecretValues: values, Errors: errors = [] } = answer;
  if (!Array.isArray(values) || !Array.isArray(errors)) throw malformedSecret();
  return {
    values: values.filter(isRecord).map((value) => ({
      arn: value.ARN,
      name: value.Name,
      version: () => toSecretVersion(value),
    })),
    errors: errors.filter(isRecord).map(({ SecretId: id, ErrorCode: code, Message: words }) => ({
      id: String(id),
      code: String(code),
      words: String(words),
    })),
  };
}
