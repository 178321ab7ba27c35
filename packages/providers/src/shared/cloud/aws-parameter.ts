import { SecretError } from "@tacit/core/provider";
import { isRecord } from "../answer.ts";
import { epochDate } from "../epoch-date.ts";
import { textBytes } from "../text-bytes.ts";
import { isAbout, parameterNames } from "./aws-names.ts";

/** One version of a parameter, decrypted. */
export interface Parameter {
  readonly name: string;
  readonly bytes: Uint8Array;
  /** The version number, which starts again at 1 if the parameter is deleted and recreated. */
  readonly number: number;
  readonly modifiedAt: Date | undefined;
}

/**
 * Parses one parameter of a response.
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

/** Parses the response of GetParameter for a name or ARN. @throws {SecretError} as `toParameter` does; INTERNAL `malformed-answer` for another parameter */
export function parameterIn({ Parameter: found }: Readonly<Record<string, unknown>>, id: string): Parameter {
  if (!isRecord(found) || !isAbout(id, found)) throw malformedParameter();
  return toParameter(found);
}

/** Returns the unparsed parameters of a response with a list. @throws {SecretError} INTERNAL `malformed-answer` */
export function parametersIn({
  Parameters: list,
}: Readonly<Record<string, unknown>>): readonly Readonly<Record<string, unknown>>[] {
  if (!Array.isArray(list)) throw malformedParameter();
  return list.filter(isRecord);
}

/** Returns the error of a malformed response. */
export function malformedParameter(): SecretError {
  return new SecretError("INTERNAL", "the response is not in a form that Parameter Store sends", {
    reason: "malformed-answer",
    tip: "Check that `endpoint` leads to AWS, and check any proxy in front of it.",
  });
}

/** The types of refusals for a missing parameter or version. */
export const absentParameter: readonly string[] = ["ParameterNotFound", "ParameterVersionNotFound"];

/** Returns the id of the parameter at a path: an ARN, or a name with a leading slash. */
export function parameterId(path: string): string {
  return parameterNames.regionOf(path) === undefined ? `/${path}` : path;
}

/** Returns the version of a parameter: its number and modification time, since numbers repeat if it is deleted and recreated. */
export function parameterVersion({ number, modifiedAt }: Parameter): string {
  return `${number}.${modifiedAt?.getTime() ?? 0}`;
}

/** Returns the number or label of a version for a request; undefined for a text that cannot be one. */
export function parameterSelector(id: string): string | undefined {
  if (!/^[\w.-]+$/.test(id)) return undefined;
  return /^(\d+)\.\d+$/.exec(id)?.[1] ?? id;
}
