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

/** What is watched, and who hears of it. */
export interface WatchTarget {
  readonly namespace: string;
  /** One object, where the watch is narrowed to it. */
  readonly name: string | undefined;
  /** The selector. */
  readonly query: UrlValues;
  /** Called before a watch that cannot resume: from which version it may begin, if not from "now". */
  begin?(context: CallContext): Promise<string>;
  onObject(event: Extract<WatchEvent, { readonly kind: "object" }>): void;
  /** The version of an object that the watch has told of last; undefined if it has not, or has told that it is gone. */
  told(name: string): string | undefined;
  /** Something may have happened that no event will tell. */
  onMissed(): void;
  /** Returns the object of the last event that told of a change, once, if it is newer than what was answered; undefined else. */
  take(name: string): unknown;
  /** A read has found this version; undefined: there is no such Secret. */
  wasRead(name: string, version: string | undefined): void;
}

/** What a loop works with. */
export interface WatchTools {
  readonly connection: KubernetesApi;
  readonly host: Pick<ProviderHost, "clock" | "random">;
  /** The right is missing, and not because the server is starting. */
  onDenied(): void;
}

/**
 * Holds one watch, connection after connection, until it is closed. It resumes from the last version that it heard of, and
 * where it cannot, says that something may have been missed. It never begins at the version of an object: that of an old
 * one is outside of what the API server remembers.
 */
export class WatchLoop {
  /** Resolves when the first connection stands or has failed; never rejects. */
  readonly tried: Promise<void>;
  readonly target: WatchTarget;
  readonly #tools: WatchTools;
  readonly #end = new AbortController();
  readonly #firstTry: PromiseWithResolvers<void> = Promise.withResolvers<void>();
  readonly #running: Promise<void>;
  #state: SubscriptionState | undefined;
  #version: string | undefined;
  #lines: HttpLines | undefined;
  /** No event has come since the watch began anew. */
  #isFresh = true;
  #tries = 0;
  #failures = 0;

  constructor(target: WatchTarget, tools: WatchTools) {
    this.target = target;
    this.#tools = tools;
    this.tried = this.#firstTry.promise;
    this.#running = this.#run();
  }

  /** Absent while changes are told. */
  get state(): SubscriptionState | undefined {
    return this.#state;
  }

  /** Whether it is connected. */
  get isOpen(): boolean {
    return this.#lines !== undefined;
  }

  /** The version up to which everything has been told. */
  get version(): string | undefined {
    return this.#version;
  }

  /** Begins anew, where the version that is waited for may never come. */
  restart(): void {
    this.#version = undefined;
    this.#lines?.close();
  }

  /** Resolves when nothing of it is left. */
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

  /** One connection, from its request to its end. */
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
      // Without a version it was restarted.
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
          // As client-go does, so that a fleet does not reconnect in one moment.
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

  /** The body of a failure is one small object; one that drips is not waited for. */
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

  /** The version is too old to resume from, or one that the server has not reached. Where no event has come since it began, something else is wrong. */
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
    // What could not be read would be sent again, and tells of a change.
    if (failure.code === "INTERNAL") this.#version = undefined;
    if (isDenied || failure.code === "INTERNAL") this.target.onMissed();
    return { kind: "failed", isDenied, retryAfterMs: failure.retryAfterMs };
  }
}

/** As long as any answer may be silent. */
const failureMs = 8000;
const largestFailure = 64 * 1024;
/** Bookmarks come about once a minute, the first of a new watch after two, and are not promised. */
const silenceMs = 150_000;
/** After 8 to 15 s of them. */
const lastingFailures = 4;
/** One that ends sooner was not ended by its time. */
const shortestWatchMs = 1000;

function codeOf(status: number): "UNAUTHENTICATED" | "PERMISSION_DENIED" | "THROTTLED" | "UNAVAILABLE" {
  if (status === 401) return "UNAUTHENTICATED";
  if (status === 403) return "PERMISSION_DENIED";
  return status === 429 ? "THROTTLED" : "UNAVAILABLE";
}
