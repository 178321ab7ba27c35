import { channel } from "node:diagnostics_channel";
import { EventEmitter } from "eventemitter3";
import type { ErrorCause, ErrorDetails } from "../error/error-details.ts";
import type { SecretErrorCode } from "../error/secret-error.ts";
import type { ChangeReason } from "./change-reason.ts";
import { onRejection } from "./on-rejection.ts";

/** Everything that a client reports. Names, versions, codes and ages; never a value, its length or a hash of it. */
export type SecretEvent =
  | {
      readonly type: "read";
      readonly provider: string;
      readonly path: string;
      readonly outcome: "ok" | "not-found" | SecretErrorCode;
      readonly durationMs: number;
      readonly version?: string;
    }
  | {
      readonly type: "change";
      readonly reference: string;
      readonly version: string;
      readonly provider: string;
      readonly reason: ChangeReason;
    }
  | ({
      readonly type: "refused";
      readonly reference: string;
      readonly version: string;
      readonly provider: string;
      readonly code: SecretErrorCode;
      readonly reason: string;
    } & ErrorDetails)
  | { readonly type: "delete"; readonly reference: string }
  | {
      /** A value that has leaked is served no more, and refused from now on. */
      readonly type: "drop";
      readonly reference: string;
      readonly version: string;
    }
  | ({
      readonly type: "error";
      readonly reference: string;
      readonly code: SecretErrorCode;
      readonly reason?: string;
      readonly ageMs?: number;
    } & ErrorDetails)
  | { readonly type: "recovered"; readonly reference: string; readonly failures: number }
  | { readonly type: "lease-renewed"; readonly provider: string; readonly path: string; readonly durationMs: number }
  | {
      readonly type: "lease-not-renewed";
      readonly provider: string;
      readonly path: string;
      readonly code: SecretErrorCode;
    }
  | { readonly type: "lease-lost"; readonly provider: string; readonly path: string }
  | {
      readonly type: "lease-not-revoked";
      readonly provider: string;
      readonly path: string;
      readonly code: SecretErrorCode;
      /** What the store calls the lease, for whoever revokes it by hand. */
      readonly lease: string;
      /** When it ends by itself. */
      readonly endsAt: Date;
    }
  | { readonly type: "overdue"; readonly reference: string; readonly ageMs: number }
  | { readonly type: "unmasked"; readonly reference: string }
  | {
      readonly type: "provider-degraded";
      readonly provider: string;
      readonly code: string;
      readonly reference?: string;
      readonly tip?: string;
    }
  | {
      readonly type: "listener-failed";
      readonly reference?: string;
      readonly event: string;
      /** The class of what was thrown. */
      readonly name: string;
      /** Of `open` of a derived resource: what it threw, masked. */
      readonly cause?: ErrorCause;
      readonly message?: string;
    }
  | { readonly type: "hit"; readonly reference: string }
  | { readonly type: "reveal"; readonly reference: string; readonly version: string };

/** What `on` and `once` take. */
export type SecretEventType = SecretEvent["type"];
type EventOf<K extends SecretEventType> = Extract<SecretEvent, { readonly type: K }>;

/** Where events are heard. Each is also published on the diagnostics channel `tacit:<type>`. */
export interface SecretEvents {
  /** Returns the unsubscribe function; after it returns, the listener is never called again. */
  on<K extends SecretEventType>(type: K, listener: (event: EventOf<K>) => void): () => void;
  /** As `on`, for the next one alone. */
  once<K extends SecretEventType>(type: K, listener: (event: EventOf<K>) => void): () => void;
}

export type Emit = (event: SecretEvent) => void;

/** Makes the events of one client. A listener that throws is reported and disturbs nobody. */
export function createEvents(): { readonly events: SecretEvents; readonly emit: Emit; close(): void } {
  const emitter = new EventEmitter();
  let isClosed = false;
  const emit: Emit = (event) => {
    if (isClosed) return;
    emitter.emit(event.type, event);
    const target = channel(`tacit:${event.type}`);
    if (target.hasSubscribers) target.publish(event);
  };
  const tell = (type: string, listener: (event: never) => void, event: SecretEvent): void => {
    try {
      const result: unknown = listener(event as never);
      onRejection(result, (error) => report(type, error));
    } catch (error) {
      report(type, error);
    }
  };
  const report = (type: string, error: unknown): void => {
    // A failing listener of this very event would report itself for ever.
    if (type !== "listener-failed") emit({ type: "listener-failed", event: type, name: errorName(error) });
  };
  const add = (method: "on" | "once") => (type: string, listener: (event: never) => void) => {
    let isWanted = true;
    // The emitter still calls those who left while it was telling others.
    const guarded = (event: SecretEvent): void => {
      if (isWanted && !isClosed) tell(type, listener, event);
    };
    if (!isClosed) emitter[method](type, guarded);
    return () => {
      isWanted = false;
      emitter.off(type, guarded);
    };
  };
  const events = { on: add("on"), once: add("once") } as unknown as SecretEvents;
  const close = (): void => {
    isClosed = true;
    emitter.removeAllListeners();
  };
  return { events, emit, close };
}

/** The class of a thrown error; its message may quote anything, so it is not told. */
export function errorName(error: unknown): string {
  try {
    const name = error instanceof Error ? error.name : typeof error;
    return /^[A-Za-z]{1,40}$/.test(name) ? name : "Error";
  } catch {
    // A name that is no text, or an error that cannot be looked at.
    return "Error";
  }
}
