import { channel } from "node:diagnostics_channel";
import { debuglog } from "node:util";
import { EventEmitter } from "eventemitter3";
import type { ErrorCause } from "../error/error-details.ts";
import { scrubbedCause } from "../error/secret-error.ts";
import { checkListener } from "../name/check-listener.ts";
import { describeEvent, eventTypes } from "./describe-event.ts";
import type { EventDescription, EventFacts } from "./event-facts.ts";
import { onRejection } from "./on-rejection.ts";

/** An event of a client: its facts, its level, and one sentence about it. */
export type SecretEvent = EventFacts & EventDescription;

/** The event types of `on` and `once`. */
export type SecretEventType = SecretEvent["type"];
type EventOf<K extends SecretEventType> = Extract<SecretEvent, { readonly type: K }>;

/** Lets an application subscribe to events. Each event is also published on the diagnostics channel `tacit:<type>`. */
export interface SecretEvents {
  /**
   * Calls the listener for each event of a type. Returns the unsubscribe function, after which the listener is never called.
   * @throws {SecretError} INVALID_CONFIG for a type that does not exist, or a listener that is not a function
   */
  on<K extends SecretEventType>(type: K, listener: (event: EventOf<K>) => void): () => void;
  /** Does the same as `on`, but only for the next event. */
  once<K extends SecretEventType>(type: K, listener: (event: EventOf<K>) => void): () => void;
  /** Does the same as `on`, for the events of every type. */
  onAny(listener: (event: SecretEvent) => void): () => void;
}

export type Emit = (facts: EventFacts) => void;

/** The emitter's key for `onAny` listeners; no event type has this name. */
const anyType = "*";

/**
 * Creates the events of one client. An error of a listener is emitted as `listener-failed` and does not affect other listeners.
 */
export function createEvents(): { readonly events: SecretEvents; readonly emit: Emit; close(): void } {
  const emitter = new EventEmitter();
  let isClosed = false;
  const emit: Emit = (facts) => {
    if (isClosed) return;
    const { type } = facts;
    const target = channel(`tacit:${type}`);
    const hasListeners = emitter.listenerCount(type) + emitter.listenerCount(anyType) > 0 || target.hasSubscribers;
    // Without listeners, the message of a cached read would cost more than the read itself.
    if (!hasListeners) return;
    const event = { ...facts, ...describeEvent(facts) };
    emitter.emit(type, event);
    emitter.emit(anyType, event);
    if (target.hasSubscribers) target.publish(event);
  };
  const callListener = (listener: (event: never) => void, event: SecretEvent): void => {
    try {
      const result: unknown = listener(event as never);
      onRejection(result, (error) => report(event.type, error));
    } catch (error) {
      report(event.type, error);
    }
  };
  const report = (type: string, error: unknown): void => {
    // A failing listener of `listener-failed` would otherwise report itself without end.
    if (type !== "listener-failed") emit({ type: "listener-failed", event: type, ...failureOf(error) });
  };
  const add = (method: "on" | "once", type: string, listener: (event: never) => void): (() => void) => {
    let isWanted = true;
    // During an emit, the emitter still calls listeners that were removed meanwhile.
    const guarded = (event: SecretEvent): void => {
      if (isWanted && !isClosed) callListener(listener, event);
    };
    if (!isClosed) emitter[method](type, guarded);
    return () => {
      isWanted = false;
      emitter.off(type, guarded);
    };
  };
  const checked =
    (method: "on" | "once") =>
    (type: string, listener: (event: never) => void): (() => void) => {
      checkListener("a client", eventTypes, type, listener);
      return add(method, type, listener);
    };
  const onAny = (listener: (event: SecretEvent) => void): (() => void) => {
    checkListener("a client", [...eventTypes, anyType], anyType, listener);
    return add("on", anyType, listener);
  };
  const events = { on: checked("on"), once: checked("once"), onAny } as unknown as SecretEvents;
  const debug = debuglog("tacit");
  if (debug.enabled) onAny(({ level, message }) => debug("%s %s", level, message));
  const close = (): void => {
    isClosed = true;
    emitter.removeAllListeners();
  };
  return { events, emit, close };
}

/**
 * Returns the name, code and status of an error that application code threw. The message is withheld, because it may quote a
 * value.
 */
export function failureOf(error: unknown): { readonly name: string; readonly cause?: ErrorCause } {
  const name = errorName(error);
  const { code, status } = scrubbedCause(error, undefined) as { code?: string; status?: number };
  if (code === undefined && status === undefined) return { name };
  return { name, cause: { name, ...(code && { code }), ...(status && { status }) } };
}

function errorName(error: unknown): string {
  try {
    const name = error instanceof Error ? error.name : typeof error;
    return /^[A-Za-z]{1,40}$/.test(name) ? name : "Error";
  } catch {
    // The name is not a string, or a proxy or a getter threw.
    return "Error";
  }
}
