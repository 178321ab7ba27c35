import { SecretError } from "@tacit/core/provider";
import { isoDate } from "../shared/iso-date.ts";

/** The parts of an object's metadata that are read. */
export interface ObjectMeta {
  readonly name: string;
  readonly uid: string;
  /** Opaque; only equality has a meaning. */
  readonly resourceVersion: string;
  readonly creationTimestamp: Date | undefined;
  readonly labels: Readonly<Record<string, unknown>>;
  /** Whether an annotation that `kubectl apply` wrote contains the whole object, including its values. */
  readonly holdsLastApplied: boolean;
  readonly managedFields: readonly unknown[];
}

/** @Reads the metadata of an object.
@throws {SecretError} INTERNAL `malformed-answer` */
export function objectMeta(object: unknown): ObjectMeta {
  const metadata = record(record(object)?.metadata);
  const { name, uid, resourceVersion } = metadata ?? {};
  if (typeof name !== "string" || typeof resourceVersion !== "string") throw noObject();
  return {
    name,
    uid: typeof uid === "string" ? uid : "",
    resourceVersion,
    creationTimestamp: isoDate(metadata?.creationTimestamp),
    labels: record(metadata?.labels) ?? {},
    holdsLastApplied: Object.hasOwn(record(metadata?.annotations) ?? {}, lastApplied),
    managedFields: Array.isArray(metadata?.managedFields) ? metadata.managedFields : [],
  };
}

/**
 * Returns the time at which the data of a Secret was written, if its metadata shows it. The metadata contains the time at which
 * each writer last changed any field of its own. So the newest time of a writer of `data` is right if that writer owns no
 * metadata, or if nothing has changed since the object was created. Otherwise undefined: the age of the object is not the age
 * of its value.
 */
export function writtenAt({ creationTimestamp, managedFields }: ObjectMeta): Date | undefined {
  const writers = managedFields.map(record).filter((entry) => record(entry?.fieldsV1)?.["f:data"] !== undefined);
  let newest: { readonly time: Date; readonly fields: Readonly<Record<string, unknown>> } | undefined;
  for (const entry of writers) {
    const time = isoDate(entry?.time);
    if (time === undefined) return undefined;
    if (newest === undefined || time > newest.time) newest = { time, fields: record(entry?.fieldsV1) ?? {} };
  }
  if (newest === undefined) return undefined;
  if (creationTimestamp !== undefined && newest.time <= creationTimestamp) return creationTimestamp;
  return newest.fields["f:metadata"] === undefined ? newest.time : undefined;
}

/** Returns the value if it is a JSON object. */
export function record(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : undefined;
}

const lastApplied = "kubectl.kubernetes.io/last-applied-configuration";

function noObject(): SecretError {
  return new SecretError("INTERNAL", "the API server returned something that is not a Kubernetes object", {
    reason: "malformed-answer",
    tip: "Check that the address leads to a Kubernetes API server.",
  });
}
