import { type CallContext, type ProviderHost, SecretError, type SecretPayload } from "@tacit/core/provider";
import { base64Bytes } from "../shared/base64.ts";
import { type KubernetesApi, requestObject } from "./api.ts";
import { type ObjectMeta, objectMeta, record, writtenAt } from "./object-meta.ts";

/** The namespace and name of a Secret. */
export interface SecretLocation {
  readonly namespace: string;
  readonly name: string;
}

/** The maximum size of an answer: 1 MiB of data takes 1.4 MiB in base64, and annotations may contain it once more, escaped. */
export const largestObjectBytes: number = 4 * 1024 * 1024;

/**
 * Reads a Secret as the API server sends it; returns undefined if it does not exist.
 * @throws {SecretError} PERMISSION_DENIED `access-rule`, UNAVAILABLE `api-server-starting`, INTERNAL `malformed-answer`, and
 * errors of a request
 */
export async function readSecret(
  connection: KubernetesApi,
  { namespace, name }: SecretLocation,
  context: CallContext,
): Promise<unknown> {
  const answer = await requestObject(
    connection,
    {
      path: "/api/v1/namespaces/{namespace}/secrets/{name}",
      values: { namespace, name },
      maxBytes: largestObjectBytes,
    },
    { verb: "get", resource: "secrets", namespace, name },
    context,
  );
  if (answer === undefined) return undefined;
  const object: unknown = answer.json();
  assertSecret(object, { namespace, name });
  return object;
}

/** A proxy or a cache on the way may mix up answers; another Secret must not be read as this one. */
function assertSecret(object: unknown, location: SecretLocation): void {
  const { name } = objectMeta(object);
  const { kind = "Secret", metadata } = record(object) ?? {};
  const { namespace = location.namespace } = record(metadata) ?? {};
  if (kind !== "Secret" || name !== location.name || namespace !== location.namespace) throw malformed();
}

/** The parts of a Secret that are used. Annotations are never used, because one of them may contain the values in plain text. */
export interface SecretObject {
  readonly payload: SecretPayload;
  /** The version of the content; an edit of metadata or an encryption under a new key does not change it. */
  readonly version: string;
  readonly createdAt: Date | undefined;
  readonly labels: Readonly<Record<string, string>>;
}

/**
 * Converts a Secret, as the API server sends it, into the answer of this provider.
 * @param labelKeys the labels to include
 * @throws {SecretError} INTERNAL `malformed-answer` for an object that is not a Secret; INVALID_VALUE `not-base64`
 */
export function readSecretObject(
  object: unknown,
  host: Pick<ProviderHost, "contentVersion">,
  labelKeys: readonly string[],
): SecretObject {
  const meta = objectMeta(object);
  const payload: SecretPayload = { kind: "fields", fields: fieldsOf(object) };
  return {
    payload,
    version: host.contentVersion(payload),
    createdAt: writtenAt(meta),
    labels: allowed(meta, labelKeys),
  };
}

/** Returns the fields of a Secret; without any, `data` is null or absent. */
function fieldsOf(object: unknown): ReadonlyMap<string, Uint8Array> {
  const { data = null } = object as { readonly data?: unknown };
  if (typeof data !== "object" || Array.isArray(data)) throw malformed();
  return new Map(Object.entries(data ?? {}).map(([key, text]) => [key, decoded(text)]));
}

function decoded(text: unknown): Uint8Array {
  const bytes = base64Bytes(text);
  if (bytes !== undefined) return bytes;
  throw new SecretError("INVALID_VALUE", "a Secret contains a value that is not base64", {
    reason: "not-base64",
    tip: "Read the Secret with kubectl; a proxy between this process and the API server may have changed it.",
  });
}

function allowed({ labels }: ObjectMeta, keys: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    keys.flatMap((key) => {
      const label = Object.hasOwn(labels, key) ? labels[key] : undefined;
      return typeof label === "string" ? [[key, label]] : [];
    }),
  );
}

function malformed(): SecretError {
  return new SecretError("INTERNAL", "the API server returned something other than the requested Secret", {
    reason: "malformed-answer",
    tip: "Check that the address leads to a Kubernetes API server, and that no proxy in between returns stored answers.",
  });
}
