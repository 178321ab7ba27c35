import type { ParsedConfig, SnapshotConfig } from "../config/parsed-config.ts";
import { privatePayload } from "../contract/content.ts";
import type { KeyRing } from "../contract/key-ring.ts";
import { detailsOf } from "../error/error-details.ts";
import { isSecretError, SecretError } from "../error/secret-error.ts";
import type { Emit } from "../events/events.ts";
import type { SnapshotHealth } from "../health/health.ts";
import type { ConfiguredProvider } from "../provider/configured-provider.ts";
import type { Payload } from "../source/source.ts";
import { backoffMs } from "../time/backoff.ts";
import type { Scheduler, Task } from "../time/scheduler.ts";
import { untilAborted } from "../time/until-aborted.ts";
import { isBannedPayload } from "../view/contents.ts";
import { isOutage } from "../view/restore.ts";
import type { View } from "../view/view.ts";
import type { RestorableView, Restored, ViewSnapshot } from "../view/view-policy.ts";
import { refused } from "./refused.ts";
import { SnapshotEntries } from "./snapshot-entries.ts";
import { readSnapshotFile, removeSnapshotFile, writeSnapshotFile } from "./snapshot-file.ts";
import {
  keyContext,
  keysOf,
  newDataKey,
  type OpenedSnapshot,
  openSnapshot,
  parseSnapshot,
  type SnapshotEntry,
  type SnapshotKeys,
  sealSnapshot,
} from "./snapshot-format.ts";

/** The parts of a client that its snapshot needs. */
export interface SnapshotDependencies {
  readonly config: ParsedConfig & { readonly snapshot: SnapshotConfig };
  readonly providers: ReadonlyMap<string, ConfiguredProvider>;
  readonly ring: KeyRing;
  readonly scheduler: Scheduler;
  readonly emit: Emit;
  /** All views of the client. */
  views(): Iterable<View<unknown>>;
}

/** An opened file and the keys that opened it. */
type Opened = OpenedSnapshot & { readonly keys: SnapshotKeys };

/** The time from a change to the write: at startup, the values of other secrets arrive soon after the first. */
const firstWriteMs = 1_000;
const betweenWritesMs = 10_000;
/** The time limit of one call to a key service. */
const keyDeadlineMs = 10_000;
/** The time after which a file that could not be opened is tried again. */
const reopenMs = 10_000;
/** The tolerated difference between the clocks of two machines. */
const futureMs = 5 * 60_000;

/** Writes the values of a client's views to an encrypted file, and restores them in a later process whose stores do not answer. */
export class Snapshot implements ViewSnapshot, Task {
  dueAt = 0;
  slot = -1;
  readonly #on: SnapshotDependencies;
  readonly #entries: SnapshotEntries;
  readonly #ending = new AbortController();
  /** The last reason for which the file or one of its entries was not used; undefined once a file was opened. */
  refusal: SecretError | undefined;
  #opening: Promise<Opened | undefined> | undefined;
  /** Monotonic time at which a file that could not be opened is tried again. */
  #reopenAt = 0;
  #isDirty = false;
  #writing: Promise<void> | undefined;
  #isClosing = false;
  #lastWrite = Number.NEGATIVE_INFINITY;
  #writtenAt: number | undefined;
  #problem: SecretError | undefined;
  #failures = 0;
  /** The number of drops. A file whose values were collected before a drop must not be written after it. */
  #drops = 0;
  /** The refusals that were reported; each is reported once. */
  readonly #reported = new Set<string>();

  constructor(dependencies: SnapshotDependencies) {
    this.#on = dependencies;
    this.#entries = new SnapshotEntries(dependencies.config, dependencies.providers);
  }

  get health(): SnapshotHealth {
    const { code, reason, message } = this.#problem ?? {};
    return {
      ...(this.#writtenAt === undefined ? {} : { writtenAt: new Date(this.#writtenAt) }),
      ...(code === undefined ? {} : { code, message: message as string }),
      ...(reason === undefined ? {} : { reason }),
    };
  }

  /** Opens the file in advance, so that `find` does not wait for it. Never rejects. */
  async open(): Promise<void> {
    await this.#open();
  }

  async find(view: RestorableView): Promise<Restored | undefined> {
    if (!this.#entries.allows(view)) return undefined;
    const opened = await this.#open();
    const entry = opened === undefined ? undefined : entryFor(view, opened);
    if (opened === undefined || entry === undefined) return undefined;
    try {
      const problem = this.#problemWith(entry, view, opened.keys);
      if (problem !== undefined) return this.#refuse(problem);
      return { payload: toPayload(entry), confirmedAt: entry.confirmedAt };
    } catch (error) {
      return this.#refuse(toSecretError(error));
    }
  }

  onChange(): void {
    this.#isDirty = true;
    if (this.#writing === undefined && !this.#isClosing) this.#on.scheduler.hasten(this, this.#untilNextWrite());
  }

  /** Removes the file synchronously. The values that were not dropped are written again later. */
  onDrop(): void {
    this.#drops += 1;
    // The content of the file must not stay in memory either.
    this.#opening = undefined;
    try {
      removeSnapshotFile(this.#on.config.snapshot.path);
    } catch (error) {
      this.#fail("remove", error);
    }
    this.onChange();
  }

  run(): void {
    if (this.#isClosing || this.#writing !== undefined) return;
    this.#writing = this.#write().finally(() => {
      this.#writing = undefined;
      this.#release();
      if (!this.#isClosing) this.#on.scheduler.schedule(this, this.#untilNextWrite());
    });
  }

  /** Writes pending changes and closes the key services. Never rejects. */
  async close(): Promise<void> {
    this.#isClosing = true;
    this.#on.scheduler.cancel(this);
    await this.#writing;
    if (this.#isDirty) await this.#write();
    await this.#on.ring.close().catch(() => undefined);
  }

  /** Aborts a running write or call to a key service; called when the time for closing the client is over. */
  abandon(): void {
    this.#ending.abort();
  }

  #untilNextWrite(): number {
    const { scheduler, config } = this.#on;
    if (this.#failures > 0) return Math.max(betweenWritesMs, backoffMs(this.#failures, scheduler.random));
    // Confirmed values are written again in time, so that they do not get older than `maxAge` in the file.
    if (!this.#isDirty) return config.snapshot.maxAgeMs / 2;
    return Math.max(firstWriteMs, this.#lastWrite + betweenWritesMs - scheduler.clock.monotonic());
  }

  async #write(): Promise<void> {
    const { scheduler, config, ring } = this.#on;
    const drops = this.#drops;
    this.#isDirty = false;
    this.#lastWrite = scheduler.clock.monotonic();
    const dataKey = newDataKey();
    try {
      const keys = keysOf(dataKey);
      const key = await this.#ask((signal) => ring.wrap(dataKey, keyContext, { signal }));
      const carried = await this.#carried(keys);
      const writtenAt = scheduler.clock.now();
      const entries = [...this.#entries.of(this.#on.views(), keys), ...carried];
      const text = sealSnapshot({ writtenAt, entries }, keys, key);
      const isWanted = (): boolean => drops === this.#drops && !this.#ending.signal.aborted;
      await writeSnapshotFile(config.snapshot.path, text, isWanted);
      if (!isWanted()) return;
      this.#writtenAt = writtenAt;
      this.#problem = undefined;
      this.#failures = 0;
    } catch (error) {
      this.#isDirty = true;
      this.#failures += 1;
      this.#fail("write", error);
    } finally {
      dataKey.fill(0);
    }
  }

  /** Returns the entries of the present file for views without any answer so far, which may need them at the next start. */
  async #carried(keys: SnapshotKeys): Promise<readonly SnapshotEntry[]> {
    const waiting = [...this.#on.views()].filter((view) => isWaiting(view) && this.#entries.allows(view));
    if (waiting.length === 0) return [];
    const opened = await this.#open();
    if (opened === undefined) return [];
    return waiting.flatMap((view) => {
      const entry = entryFor(view, opened);
      if (entry === undefined || this.#problemWith(entry, view, opened.keys) !== undefined) return [];
      return isBannedPayload(view, toPayload(entry)) ? [] : [this.#entries.carried(entry, view, keys)];
    });
  }

  #open(): Promise<Opened | undefined> {
    if (this.#reopenAt <= this.#on.scheduler.clock.monotonic()) this.#opening = undefined;
    this.#opening ??= this.#read();
    return this.#opening;
  }

  /** Drops the content of the file from memory once no view needs it any more. */
  #release(): void {
    const isNeeded = (view: View<unknown>): boolean => isWaiting(view) || view.payload?.snapshot === true;
    if (![...this.#on.views()].some((view) => isNeeded(view) && this.#entries.allows(view))) this.#opening = undefined;
  }

  async #read(): Promise<Opened | undefined> {
    this.#reopenAt = Number.POSITIVE_INFINITY;
    try {
      const { config, ring, scheduler } = this.#on;
      const text = await readSnapshotFile(config.snapshot.path);
      if (text === undefined) return undefined;
      const sealed = parseSnapshot(text);
      const dataKey = await this.#ask((signal) => ring.unwrap(sealed.key, { signal }));
      const keys = keysOf(dataKey);
      dataKey.fill(0);
      const opened = openSnapshot(sealed, keys);
      if (opened.writtenAt > scheduler.clock.now() + futureMs) throw fromFuture();
      this.refusal = undefined;
      return { ...opened, keys };
    } catch (error) {
      this.#reopenAt = this.#on.scheduler.clock.monotonic() + reopenMs;
      return this.#refuse(toSecretError(error));
    }
  }

  /** Calls the key services with a time limit. */
  async #ask<V>(ask: (signal: AbortSignal) => Promise<V>): Promise<V> {
    const { scheduler } = this.#on;
    const deadline = new AbortController();
    const late = scheduler.after(keyDeadlineMs, () => deadline.abort(tooSlow()));
    const signal = AbortSignal.any([deadline.signal, this.#ending.signal]);
    try {
      return await untilAborted(ask(signal), signal);
    } finally {
      scheduler.cancel(late);
    }
  }

  #problemWith(entry: SnapshotEntry, view: RestorableView, keys: SnapshotKeys): SecretError | undefined {
    const now = this.#on.scheduler.clock.now();
    const { text } = view.reference;
    if (entry.confirmedAt > now + futureMs) return fromFuture(text);
    if (now - entry.confirmedAt > this.#on.config.snapshot.maxAgeMs)
      return expired("contains a value that was confirmed longer ago than `maxAge` allows", text);
    if (entry.expiresAt !== undefined && entry.expiresAt <= now)
      return expired("contains a value that has expired", text);
    if (this.#entries.isOfSameStores(entry, view, keys)) return undefined;
    return refused(
      "snapshot-other-provider",
      "contains a value from another source, or from a provider whose configuration has changed",
      "A value is restored only with the config document that it was read with.",
      text,
    );
  }

  #refuse(error: SecretError): undefined {
    this.refusal = error;
    const { reference, code, reason } = error;
    const refusal = `${reference ?? ""} ${code} ${reason ?? ""}`;
    if (!this.#reported.has(refusal)) this.#emitFailure("read", error);
    this.#reported.add(refusal);
  }

  #fail(action: "write" | "remove", thrown: unknown): void {
    if (this.#ending.signal.aborted) return;
    const error = toSecretError(thrown);
    const isNew = this.#problem?.code !== error.code || this.#problem.reason !== error.reason;
    this.#problem = error;
    if (isNew) this.#emitFailure(action, error);
  }

  #emitFailure(action: "read" | "write" | "remove", error: SecretError): void {
    const { reference, code, reason } = error;
    this.#on.emit({
      type: "snapshot-failed",
      action,
      ...(reference === undefined ? {} : { reference }),
      code,
      ...(reason === undefined ? {} : { reason }),
      ...detailsOf(error),
    });
  }
}

/** Returns the entry that a view of the same reference held, or else one with the same name. */
function entryFor({ reference }: RestorableView, { entries }: OpenedSnapshot): SnapshotEntry | undefined {
  const named = entries.filter(({ name, stage }) => name === reference.name && stage === reference.stage);
  return named.find(({ references }) => references.includes(reference.text)) ?? named[0];
}

/** Whether a view waits for the first answer of a store that decides about its value. */
function isWaiting({ current, isNotFound, isDropped, deniedBy, lastError }: View<unknown>): boolean {
  const isUndecided = current === undefined && !isNotFound && !isDropped && deniedBy === undefined;
  return isUndecided && (lastError === undefined || isOutage(lastError));
}

function toPayload(entry: SnapshotEntry): Payload {
  const { version, fetchedAt, provider, fallback, composite, labels, createdAt, expiresAt, refreshAt } = entry;
  return {
    kind: "ok",
    content: privatePayload(entry.content),
    version,
    fetchedAt,
    provider,
    fallback,
    snapshot: true,
    ...(composite === undefined ? {} : { composite }),
    ...(labels === undefined ? {} : { labels }),
    ...(createdAt === undefined ? {} : { createdAt: new Date(createdAt) }),
    ...(expiresAt === undefined ? {} : { expiresAt: new Date(expiresAt) }),
    ...(refreshAt === undefined ? {} : { refreshAt: new Date(refreshAt) }),
  };
}

function expired(what: string, reference: string): SecretError {
  return refused("snapshot-expired", what, "Raise `maxAge` if older values may be served at startup.", reference);
}

function fromFuture(reference?: string): SecretError {
  return refused("snapshot-future", "was written in the future", "Correct the clock of this machine.", reference);
}

function tooSlow(): SecretError {
  return new SecretError("UNAVAILABLE", `no key service has answered within ${keyDeadlineMs / 1_000} s`, {
    reason: "timeout",
  });
}

/** Converts an error of a key ring, which an application may have written itself. */
function toSecretError(error: unknown): SecretError {
  if (isSecretError(error)) return error;
  return new SecretError("INTERNAL", "the keys of the snapshot failed", { reason: "snapshot-keys", cause: error });
}
