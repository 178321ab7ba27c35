import type { ProviderResult } from "@tacit/core/provider";
import { awsFailure } from "../shared/cloud/aws-errors.ts";
import { type AboutSecret, absentSecret, secretAbsence } from "../shared/cloud/aws-secret.ts";

/** Returns what it means that one secret of a batch was refused. @throws {SecretError} where there may be something to read */
export function refusedResult(
  { code, words }: { readonly code: string; readonly words: string },
  about: AboutSecret,
): ProviderResult {
  if (absentSecret.includes(code)) return secretAbsence({ type: code, words }, about);
  throw awsFailure(
    { type: code, words },
    { action: "GetSecretValue", service: "secretsmanager", resource: about.resource },
  );
}
