import type { ProviderHost, ProviderResult, ReadRequest } from "@tacit/core/provider";
import { notFound, unlessHeld } from "../shared/answer.ts";
import type { HttpAnswer } from "../shared/http/answer.ts";
import { isoDate } from "../shared/iso-date.ts";
import { jsonAt, jsonBytes, strictRecord } from "../shared/json-content.ts";
import { hidden } from "./errors.ts";

/** One version of a secret. */
export interface SecretVersion {
  readonly result: Extract<ProviderResult, { readonly status: "ok" }>;
  readonly number: number;
}

/**
 * Reads an answer about the secret of a name. A version is its number and the content: a secret that was made anew counts from 1 again.
 * @throws {SecretError} PERMISSION_DENIED `policy` for a hidden value, INVALID_VALUE `duplicate-key`, INTERNAL `malformed-answer`
 */
export function toSecretVersion(
  answer: HttpAnswer,
  name: string,
  host: Pick<ProviderHost, "contentVersion">,
): SecretVersion {
  const secret = Object(strictRecord(answer).secret) as Readonly<Record<string, unknown>>;
  const { secretKey, version: number, secretValue, secretValueHidden, updatedAt } = secret;
  if (secretKey !== name) throw answer.malformed("another secret");
  if (secretValueHidden || secretValue === placeholder) throw hidden();
  if (typeof secretValue !== "string" || !isNumber(number)) throw answer.malformed("no secret of Infisical");
  const payload = { kind: "value", bytes: jsonBytes(jsonAt(answer.text(), "/secret/secretValue") ?? "") } as const;
  return {
    number,
    result: {
      status: "ok",
      payload,
      version: `${number}-${host.contentVersion(payload)}`,
      createdAt: isoDate(updatedAt),
    },
  };
}

/** Whether it can be asked for again. */
function isNumber(version: unknown): version is number {
  return Number.isSafeInteger(version) && Number(version) >= 0;
}

/** What stands for a value that is hidden; a server that is older does not say that it is. */
const placeholder = "<hidden-by-infisical>";

/**
 * Answers a request for any version.
 * @param read reads the version of a number, or the current one; undefined where there is none
 */
export async function answerVersion(
  { version, ifVersion }: ReadRequest,
  read: (number?: number) => Promise<SecretVersion | undefined>,
): Promise<ProviderResult> {
  if (typeof version === "object") {
    const number = Number(/^(\d{1,9})-/.exec(version.id)?.[1] ?? Number.NaN);
    const found = Number.isNaN(number) ? undefined : await read(number);
    return found?.result.version === version.id ? found.result : notFound;
  }
  const current = await read();
  if (current === undefined) return notFound;
  if (version === "current") return unlessHeld(current.result, { ifVersion });
  if (current.number <= 1) return notFound;
  return (await read(current.number - 1))?.result ?? notFound;
}
