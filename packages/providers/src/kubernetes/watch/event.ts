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
  /** Nothing happened up to this version. */
  | { readonly kind: "bookmark"; readonly version: string }
  | WatchError;

/** Ends the watch. The text that came with it is not kept. */
export interface WatchError {
  readonly kind: "error";
  readonly status: number;
  readonly retryAfterMs: number | undefined;
  /** Whether the version that was asked for is one that the server has not reached: it went back. */
  readonly isAhead: boolean;
}

/** @throws {SecretError} INTERNAL `malformed-answer` */
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

/** A bookmark has no name. */
function bookmarkVersion(object: unknown): string {
  const version = record(record(object)?.metadata)?.resourceVersion;
  if (typeof version !== "string" || version === "") throw malformed();
  return version;
}

/** Reads the body of an answer that is no watch. What cannot be read says nothing. */
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

/** As for a Retry-After header. */
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
