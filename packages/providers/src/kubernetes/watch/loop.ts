import {
  type CallContext,
  isSecretError,
  type ProviderHost,
  pause,
  SecretError,
  type SubscriptionState,
} from "@tacit/core/provider";
import type { HttpLines } from "../../shared/http/lines.ts";
import type { UrlValues } from "../../shared/http/path.ts";

import type { KubernetesApi } from "../api.ts";
import { deniedFailure } from "../errors.ts";
import { largestObjectBytes } from "../secret.ts";
import { parseFailure, parseWatchEvent, type WatchError, type WatchEvent } from "./event.ts";
import { nextAttemptMs, type WatchEnd } from "./pace.ts";

/** The objects of a watch, and the handlers of its events. */
export interface WatchTarget {
  readonly namespace: string;
  /** The name of the object, if the watch is limited to one. */
  readonly name: string | undefined;
  /** The selector of the objects. */
  readonly query: UrlValues;
  /** Called before a watch that cannot resume. Returns the version from which it begins; without this method, it begins now. */
  begin?(context: CallContext): Promise<string>;
  onObject(event: Extract<WatchEvent, { readonly kind: "object" }>): void;
  /** Returns the version of an object in its last event; undefined if there was none, or if the object was deleted. */
  lastVersion(name: string): string | undefined;
  /** Called when events may have been missed. */
  onMissed(): void;
  /** Returns the object of the last event that reported a change, once, if it is newer than the last answer; else undefined. */
  take(name: string): unknown;
  /**
   * Handles the result of a read.
   * @param version undefined if the Secret does not exist
   */
  wasRead(name: string, version: string | undefined): void;
}

/** The dependencies of a loop. */
export interface WatchTools {
  readonly connection: KubernetesApi;
  readonly host: Pick<ProviderHost, "clock" | "random">;
  /** Called when the right to watch is missing, and not only because the server is starting. */
  onDenied(): void;
}

/**
 * Keeps one watch connected until it is closed. It resumes from the last version that it received; if it cannot, it reports
 * that events may have been missed. It never begins at the version of an object: that of an old object is outside of the API
 * server's history.
 */
export class WatchLoop {
  /** Resolves when the first connection is established or has failed; never rejects. */
  readonly tried: Promise<void>;
  readonly target: WatchTarget;
  readonly #tools: WatchTools;
  readonly #end = new AbortController();
  readonly #firstTry: PromiseWithResolvers<void> = Promise.withResolvers<void>();
  readonly #running: Promise<void>;
  #state: SubscriptionState | undefined;
  #version: string | undefined;
  #lines: HttpLines | undefined;
  /** Whether no event has arrived since the watch last began without resuming. */
  #isFresh = true;
  #tries = 0;
  #failures = 0;

  constructor(target: WatchTarget, tools: WatchTools) {
    this.target = target;
    this.#tools = tools;
    this.tried = this.#firstTry.promise;
    this.#running = this.#run();
  }

  /** Undefined while changes are reported. */
  get state(): SubscriptionState | undefined {
    return this.#state;
  }

  /** Whether the watch is connected. */
  get isOpen(): boolean {
    return this.#lines !== undefined;
  }

  /** The version up to which all changes were reported. */
  get version(): string | undefined {
    return this.#version;
  }

  /** Begins again without resuming, because the version from which it would resume may never be reached. */
  restart(): void {
    this.#version = undefined;
    this.#lines?.close();
  }

  /** Ends the watch; resolves when its connection is closed. */
  async close(): Promise<void> {
    this.#end.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#end;
    const { clock, random } = this.#tools.host;
    while (!signal.aborted) {
      const end = await this.#hold(signal);
      this.#firstTry.resolve();
      if (signal.aborted) return;
      this.#failures = end.kind === "failed" ? this.#failures + 1 : 0;
      await pause(clock, nextAttemptMs(end, this.#failures, random), signal).catch(() => undefined);
    }
  }

  /** Opens one connection and reads it to its end. */
  async #hold(signal: AbortSignal): Promise<WatchEnd> {
    const { clock } = this.#tools.host;
    try {
      const lines = await this.#open({ signal });
      this.#lines = lines;
      const startedAt = clock.monotonic();
      if (lines.status === 410) return this.#forget();
      if (lines.status === 504) return this.#refused(await this.#failureOf(lines), lines.failure());
      this.#stand();
      for await (const line of lines) {
        const end = this.#take(parseWatchEvent(line));
        if (end !== undefined) return end;
      }
      // The watch was restarted if it has no version.
      if (clock.monotonic() - startedAt >= shortestWatchMs || this.#version === undefined) return { kind: "ended" };
      return this.#fail(new SecretError("UNAVAILABLE", "a watch ended as soon as it began"));
    } catch (error) {
      return signal.aborted ? { kind: "ended" } : this.#fail(error);
    } finally {
      this.#lines?.close();
      this.#lines = undefined;
    }
  }

  async #open(context: CallContext): Promise<HttpLines> {
    const { namespace, name, query } = this.target;
    this.#tries += 1;
    if (this.#version === undefined) {
      this.#isFresh = true;
      this.#version = await this.target.begin?.(context);
    }
    const { connection, host } = this.#tools;
    const lines = await connection.stream(
      {
        path: "/api/v1/namespaces/{namespace}/secrets",
        values: { namespace },
        query: {
          watch: true,
          ...query,
          allowWatchBookmarks: true,
          // The same range as in client-go, so that the clients of a fleet do not all reconnect at once.
          timeoutSeconds: 300 + Math.floor(host.random() * 301),
          resourceVersion: this.#version,
        },
        accept: [403, 410, 504],
        idleTimeoutMs: silenceMs,
        maxBytes: largestObjectBytes,
      },
      context,
    );
    if (lines.status !== 403) return lines;
    lines.close();
    throw deniedFailure({ verb: "watch", resource: "secrets", namespace, name });
  }

  #stand(): void {
    this.#state = undefined;
    const isGap = this.#tries > 1 && this.#version === undefined;
    this.#firstTry.resolve();
    if (isGap) this.target.onMissed();
  }

  #take(event: WatchEvent): WatchEnd | undefined {
    if (event.kind === "error") {
      const { status, retryAfterMs } = event;
      return this.#refused(event, new SecretError(codeOf(status), "a watch was ended", { retryAfterMs }));
    }
    this.#version = event.version;
    this.#isFresh = false;
    this.#failures = 0;
    if (event.kind === "object") this.target.onObject(event);
    return undefined;
  }

  #refused({ status, isAhead }: WatchError, failure: SecretError): WatchEnd {
    return status === 410 || isAhead ? this.#forget() : this.#fail(failure);
  }

  /** Reads the body of a failure, which is one small object, with a time limit. */
  async #failureOf(lines: HttpLines): Promise<WatchError> {
    const timer = this.#tools.host.clock.setTimer(() => lines.close(), failureMs);
    let text = "";
    try {
      for await (const line of lines) {
        text += line;
        if (text.length > largestFailure) break;
      }
    } finally {
      timer.cancel();
    }
    return parseFailure(text, lines.status);
  }

  /**
   * Forgets the version, which is too old to resume from or which the server has not reached. If no event has arrived since the
   * watch began, the cause is another one.
   */
  #forget(): WatchEnd {
    this.#version = undefined;
    if (this.#isFresh) return this.#fail(new SecretError("UNAVAILABLE", "a watch cannot begin"));
    return { kind: "ended" };
  }

  #fail(error: unknown): WatchEnd {
    const failure = isSecretError(error) ? error : new SecretError("INTERNAL", "a watch failed", { cause: error });
    const isDenied = failure.code === "PERMISSION_DENIED";
    this.#state = { mode: "poll", code: isDenied ? "watch-denied" : "watch-failed" };
    if (isDenied && this.#failures >= lastingFailures) this.#tools.onDenied();
    // An event that cannot be read would be sent again, and may report a change.
    if (failure.code === "INTERNAL") this.#version = undefined;
    if (isDenied || failure.code === "INTERNAL") this.target.onMissed();
    return { kind: "failed", isDenied, retryAfterMs: failure.retryAfterMs };
  }
}

/** The time limit for the body of a failure. */
const failureMs = 8000;
const largestFailure = 64 * 1024;
/**
 * The time without data after which a connection counts as lost. Bookmarks arrive about once a minute, the first one after two,
 * and are not guaranteed.
 */
const silenceMs = 150_000;
/** The number of denials, over 8 to 15 s, after which a server that starts is no longer the likely cause. */
const lastingFailures = 4;
/** A watch that ends earlier was not ended by its timeout. */
const shortestWatchMs = 1000;

function codeOf(status: number): "UNAUTHENTICATED" | "PERMISSION_DENIED" | "THROTTLED" | "UNAVAILABLE" {
  if (status === 401) return "UNAUTHENTICATED";
  if (status === 403) return "PERMISSION_DENIED";
  return status === 429 ? "THROTTLED" : "UNAVAILABLE";
}
