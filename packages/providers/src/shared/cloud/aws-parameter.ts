import { SecretError } from "@tacit/core/provider";
import { isRecord } from "../answer.ts";
import { epochDate } from "../epoch-date.ts";
import { textBytes } from "../text-bytes.ts";
import { isAbout, parameterNames } from "./aws-names.ts";

/** One parameter in one version, decrypted. */
export interface Parameter {
  readonly name: string;
  readonly bytes: Uint8Array;
  /** Counts from 1; anew where the parameter was deleted and made again. */
  readonly number: number;
  readonly modifiedAt: Date | undefined;
}

/**
 * Reads one parameter.
 * @see https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_Parameter.html
 * @throws {SecretError} INTERNAL `malformed-answer`, INVALID_VALUE `parameter` or `not-utf8`
 */
export function toParameter(answer: Readonly<Record<string, unknown>>): Parameter {
  const { Name: name, Value: value, Version: number, LastModifiedDate: modified } = answer;
  if (typeof name !== "string" || typeof number !== "number") throw malformedParameter();
  if (typeof value !== "string")
    throw new SecretError("INVALID_VALUE", "a parameter has no text value", {
      reason: "parameter",
      tip: "Check it with `aws ssm get-parameter --with-decryption`.",
    });
  return {
    name,
    bytes: textBytes(value),
    number,
    modifiedAt: epochDate(modified),
  };
}

/** Reads the parameter with this name or ARN out of the answer to GetParameter. @throws {SecretError} as `toParameter` does */
export function parameterIn({ Parameter: found }: Readonly<Record<string, unknown>>, id: string): Parameter {
  if (!isRecord(found) || !isAbout(id, found)) throw malformedParameter();
  return toParameter(found);
}

/** The parameters of a list; each is read when it is asked for. @throws {SecretError} INTERNAL `malformed-answer` */
export function parametersIn({
  Parameters: list,
}: Readonly<Record<string, unknown>>): readonly Readonly<Record<string, unknown>>[] {
  if (!Array.isArray(list)) throw malformedParameter();
  return list.filter(isRecord);
}

export function malformedParameter(): SecretError {
  return new SecretError("INTERNAL", "the response is not in a form that Parameter Store sends", {
    reason: "malformed-answer",
    tip: "Check that `endpoint` leads to AWS, and check any proxy in front of it.",
  });
}

/** The refusals that mean that nothing is there. */
export const absentParameter: readonly string[] = ["ParameterNotFound", "ParameterVersionNotFound"];

/** Returns how the store names what is at a path: an ARN, or a name that begins with a slash. */
export function parameterId(path: string): string {
  return parameterNames.regionOf(path) === undefined ? `/${path}` : path;
}

/** Returns the version of a parameter, with the time, since one that was deleted and made again counts from 1. */
export function parameterVersion({ number, modifiedAt }: Parameter): string {
  return `${number}.${modifiedAt?.getTime() ?? 0}`;
}

/** Returns the number or label of a version as a store takes it; undefined for what none can be. */
export function parameterSelector(id: string): string | undefined {
  if (!/^[\w.-]+$/.test(id)) return undefined;
  return /^(\d+)\.\d+$/.exec(id)?.[1] ?? id;
}
