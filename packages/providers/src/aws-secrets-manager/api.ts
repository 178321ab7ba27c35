import { isRecord } from "../shared/answer.ts";
import { malformedSecret } from "../shared/cloud/aws-secret.ts";

/** What a batch answers: HTTP 200, whatever became of each secret. */
export interface SecretBatch {
  /** Not read yet. */
  readonly values: readonly Readonly<Record<string, unknown>>[];
  readonly errors: readonly { readonly id: string; readonly code: string; readonly words: string }[];
}

/** @see https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_BatchGetSecretValue.html */
export function toSecretBatch(answer: Readonly<Record<string, unknown>>): SecretBatch {
  const { SecretValues: values, Errors: errors = [] } = answer;
  if (!Array.isArray(values) || !Array.isArray(errors)) throw malformedSecret();
  return {
    values: values.filter(isRecord),
    errors: errors.filter(isRecord).map(({ SecretId: id, ErrorCode: code, Message: words }) => ({
      id: String(id),
      code: String(code),
      words: String(words),
    })),
  };
}
