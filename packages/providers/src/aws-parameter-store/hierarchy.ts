import type { CallContext, ProviderHost, ProviderResult, ReadRequest } from "@tacit/core/provider";
import { assertCurrent, contentResult, notFound } from "../shared/answer.ts";
import type { AwsClient } from "../shared/cloud/aws-client.ts";
import { malformedParameter, parametersIn, toParameter } from "../shared/cloud/aws-parameter.ts";
import { noVersions, tooMany } from "./errors.ts";

/** What is asked, and of whom. */
interface Place {
  readonly client: AwsClient;
  readonly host: ProviderHost;
  readonly id: string;
  readonly resource: string;
}

/** Reads the parameters below a path as the fields of one secret; a key is what follows the path: `password`, `tls/key`. */
export async function readHierarchy(
  request: ReadRequest,
  { client, host, id, resource }: Place,
  context: CallContext,
): Promise<ProviderResult> {
  assertCurrent(request, noVersions);
  const fields = new Map<string, Uint8Array>();
  let modifiedAt = 0;
  let token: unknown;
  // A page may be empty and not the last one.
  do {
    const input = { Path: id, Recursive: true, WithDecryption: true, MaxResults: 10, NextToken: token };
    const { output } = await client.call({ action: "GetParametersByPath", input, resource }, context);
    if (output === undefined) throw malformedParameter();
    for (const parameter of parametersIn(output).map(toParameter)) {
      if (!parameter.name.startsWith(`${id}/`)) throw malformedParameter();
      fields.set(parameter.name.slice(id.length + 1), parameter.bytes);
      modifiedAt = Math.max(modifiedAt, parameter.modifiedAt?.getTime() ?? 0);
    }
    if (fields.size > mostFields) throw tooMany(mostFields);
    if (output.NextToken === token && token !== undefined) throw malformedParameter();
    token = output.NextToken;
  } while (typeof token === "string" && token !== "");
  if (fields.size === 0) return notFound;
  const createdAt = modifiedAt === 0 ? undefined : new Date(modifiedAt);
  return contentResult({ kind: "fields", fields }, request, host, { createdAt });
}

const mostFields = 1_000;
