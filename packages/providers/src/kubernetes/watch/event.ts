import { SecretError } from "@tacit/core/provider";
import { objectMeta, record } from "../object-meta.ts";

/** One line of a watch. */
export type WatchEvent =
  | {
      readonly kind: "object";
      readonly deleted: boolean;
      readonly name: string;
      readonly version: string;
      readonly object: unknown;
    }
  /** There were no further events up to this version. */
  | { readonly kind: "bookmark"; readonly version: string }
  | WatchError;

/** An error, which ends the watch. Its text is not kept. */
export interface WatchError {
  readonly kind: "error";
  readonly status: number;
  readonly retryAfterMs: number | undefined;
  /** Whether the server has not reached the requested version, because its versions went back. */
  readonly isAhead: boolean;
}

/** @Parses one line of a watch.
@throws {SecretError} INTERNAL `malformed-answer` */
export function parseWatchEvent(line: string): WatchEvent {
  const { type, object } = record(parsed(line)) ?? {};
  switch (type) {
    case "ADDED":
    case "MODIFIED":
    case "DELETED": {
      const { name, resourceVersion } = objectMeta(object);
      return { kind: "object", deleted: type === "DELETED", name, version: resourceVersion, object };
    }
    case "BOOKMARK":
      return { kind: "bookmark", version: bookmarkVersion(object) };
    case "ERROR":
      return errorEvent(record(object));
    default:
      throw malformed();
  }
}

/** Returns the version of a bookmark, which has no name. */
function bookmarkVersion(object: unknown): string {
  const version = record(record(object)?.metadata)?.resourceVersion;
  if (typeof version !== "string" || version === "") throw malformed();
  return version;
}

/** Parses the body of an answer that is not a watch; a body that cannot be parsed counts as empty. */
export function parseFailure(text: string, status: number): WatchError {
  try {
    return { ...errorEvent(record(JSON.parse(text))), status };
  } catch {
    return { ...errorEvent(undefined), status };
  }
}

function errorEvent(status: Readonly<Record<string, unknown>> | undefined): WatchError {
  const seconds = record(status?.details)?.retryAfterSeconds;
  const retryAfterMs = typeof seconds === "number" && seconds > 0 ? Math.min(seconds * 1000, longestMs) : undefined;
  const causes = record(status?.details)?.causes;
  const isAhead = Array.isArray(causes) && causes.some((cause) => record(cause)?.reason === "ResourceVersionTooLarge");
  return { kind: "error", status: typeof status?.code === "number" ? status.code : 500, retryAfterMs, isAhead };
}

/** The same limit as for a Retry-After header. */
const longestMs = 300_000;

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    throw malformed();
  }
}

function malformed(): SecretError {
  return new SecretError("INTERNAL", "a watch of the API server sent a line that is not an event", {
    reason: "malformed-answer",
    tip: "Check proxies between this process and the API server.",
  });
}
