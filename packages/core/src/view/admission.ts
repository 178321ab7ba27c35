import { sameContent } from "../contract/content.ts";
import type { SecretPayload } from "../contract/contract.ts";
import type { Codec, Decoded } from "../decode/codec.ts";
import { isSecretError, type SecretError } from "../error/secret-error.ts";
import type { Exposure, Secret } from "../secret/secret.ts";
import { SnapshotSecret } from "../secret/secret.ts";
import type { Payload } from "../source/source.ts";
import type { Scheduler } from "../time/scheduler.ts";
import { untilAborted } from "../time/until-aborted.ts";
import type { Accept } from "./accept.ts";
import { type AdmissionStep, type Prepared, prepareAll } from "./admission-step.ts";
import { declined, endedAlready, type Phase, superseded, tooLate, whyRefused } from "./refusals.ts";
import { expired } from "./view-problem.ts";

/** A payload that may become current, and the content that the reference selects in it. */
export interface Candidate {
  readonly payload: Payload;
  readonly content: SecretPayload;
  /** Monotonic time of the answer. */
  readonly at: number;
}

/** The listener that is called before code of the application receives a candidate, and that masks the messages of that code. */
export interface CandidateExposure extends Exposure {
  onExpose(content: SecretPayload, shown: unknown): void;
  words(text: string, content: SecretPayload): string | undefined;
}

/** The part of a view that its admission needs. */
export interface AdmissionHost<T> {
  readonly exposure: CandidateExposure;
  readonly current: SnapshotSecret<T> | undefined;
  readonly steps: ReadonlySet<AdmissionStep<T>>;
  /** Whether the value is the current one, even if its bytes differ. */
  isCurrent(decoded: Decoded<T>): boolean;
  onConfirmed(candidate: Candidate): void;
  /** Whether the value was dropped, even if its bytes differed. */
  isBannedValue(decoded: Decoded<T>): boolean;
  onBanned(candidate: Candidate): void;
  onAdmitted(candidate: Candidate, secret: SnapshotSecret<T>): void;
  onRefused(candidate: Candidate, error: SecretError): void;
}

interface Run {
  candidate: Candidate;
  readonly controller: AbortController;
  /**
   * Whether the run must not be aborted by a newer candidate, because it follows an aborted run: frequent rotation must not
   * starve the decision.
   */
  readonly toItsEnd: boolean;
}

const deadlineMs = 10_000;

/** Decodes candidates and decides about them, one at a time; of the waiting ones, only the newest is kept. */
export class Admission<T> {
  readonly #reference: string;
  readonly #codec: Codec<T>;
  readonly #accept: Accept<T> | undefined;
  readonly #host: AdmissionHost<T>;
  readonly #scheduler: Scheduler;
  #run: Run | undefined;
  #next: Candidate | undefined;
  #idle: PromiseWithResolvers<void> | undefined;
  #closed = false;

  constructor(
    reference: string,
    codec: Codec<T>,
    accept: Accept<T> | undefined,
    host: AdmissionHost<T>,
    scheduler: Scheduler,
  ) {
    this.#reference = reference;
    this.#codec = codec;
    this.#accept = accept;
    this.#host = host;
    this.#scheduler = scheduler;
  }

  /** Settles when no candidate is in progress; undefined if none is. */
  get idle(): Promise<void> | undefined {
    return this.#idle?.promise;
  }

  /** The candidate in progress and the one that waits. */
  get candidates(): readonly Candidate[] {
    return [this.#run?.candidate, this.#next].filter((one) => one !== undefined);
  }

  /** Adds the newest candidate. Without an asynchronous consumer it is adopted within this call. */
  offer(candidate: Candidate): void {
    if (this.#closed) return;
    const run = this.#run;
    if (run === undefined) return this.#begin(candidate, false);
    const isSame = sameContent(run.candidate.content, candidate.content);
    // A later reading of the same content may have a later expiry.
    if (isSame) run.candidate = candidate;
    this.#next = isSame && !run.controller.signal.aborted ? undefined : candidate;
    if (!isSame && !run.toItsEnd) run.controller.abort(superseded(this.#reference));
  }

  /** Updates a candidate whose lease was renewed. */
  extend(payload: Payload): void {
    const extended = (one: Candidate): Candidate =>
      one.payload.content === payload.content ? { ...one, payload } : one;
    if (this.#run !== undefined) this.#run.candidate = extended(this.#run.candidate);
    if (this.#next !== undefined) this.#next = extended(this.#next);
  }

  /** Drops all candidates, because the store has returned to the current value or has none any more. */
  cancel(): void {
    this.#next = undefined;
    this.#run?.controller.abort(superseded(this.#reference));
  }

  close(error: SecretError): void {
    this.#closed = true;
    this.#next = undefined;
    this.#run?.controller.abort(error);
  }

  /** Begins a run. The value is registered with the redactor only right before a schema, `accept` or a reveal receives it. */
  #begin(candidate: Candidate, toItsEnd: boolean): void {
    const expose = (shown: unknown): void => this.#host.exposure.onExpose(candidate.content, shown);
    const mask = (text: string): string | undefined => this.#host.exposure.words(text, candidate.content);
    let decoded: Decoded<T> | Promise<Decoded<T>>;
    try {
      decoded = this.#codec.decode(candidate.content, { reference: this.#reference, expose, mask });
    } catch (error) {
      return this.#host.onRefused(candidate, this.#why(candidate, error, "decoder"));
    }
    const isUnattended = this.#accept === undefined && this.#host.steps.size === 0;
    if (!(decoded instanceof Promise)) {
      if (this.#host.isBannedValue(decoded)) return this.#host.onBanned(candidate);
      if (this.#host.isCurrent(decoded)) return this.#host.onConfirmed(candidate);
      const secret = this.#secret(candidate, decoded);
      if (this.#hasEnded(secret)) return this.#host.onRefused(candidate, endedAlready(this.#reference));
      if (isUnattended) return this.#host.onAdmitted(candidate, secret);
    }
    const controller = new AbortController();
    const decoding = decoded;
    const run: Run = { candidate, controller, toItsEnd };
    this.#run = run;
    this.#idle ??= Promise.withResolvers<void>();
    // Every run must end, even after an unexpected error; otherwise the readers of this secret would wait forever.
    void this.#admit(run, decoding)
      .catch((error: unknown) => this.#host.onRefused(run.candidate, this.#why(run.candidate, error, "accept")))
      .finally(() => this.#end(run));
  }

  async #admit(run: Run, decoding: Decoded<T> | Promise<Decoded<T>>): Promise<void> {
    const first = run.candidate;
    const { signal } = run.controller;
    let phase: Phase = "decoder";
    const deadline = this.#scheduler.after(deadlineMs, () =>
      run.controller.abort(tooLate(this.#reference, deadlineMs)),
    );
    let prepared: readonly Prepared[] = [];
    try {
      const decoded = await untilAborted(Promise.resolve(decoding), signal);
      if (this.#host.isBannedValue(decoded)) return this.#host.onBanned(run.candidate);
      if (this.#host.isCurrent(decoded)) return this.#host.onConfirmed(run.candidate);
      const { current } = this.#host;
      const secret = this.#secret(first, decoded);
      if (this.#hasEnded(secret)) throw endedAlready(this.#reference);
      phase = "accept";
      if ((await untilAborted(this.#ask(secret, current, signal), signal)) === false) throw declined;
      if (this.#hasEnded(secret)) throw expired(this.#reference);
      phase = "open";
      this.#scheduler.schedule(deadline, deadlineMs);
      prepared = await prepareAll([...this.#host.steps], secret, current, signal);
      // An abort in the previous turn must still take effect; nothing else runs before the commit.
      signal.throwIfAborted();
      const candidate = run.candidate;
      const admitted = candidate === first ? secret : this.#secret(candidate, decoded);
      if (this.#hasEnded(admitted)) throw expired(this.#reference);
      for (const each of prepared) each.commit();
      prepared = [];
      this.#host.onAdmitted(candidate, admitted);
    } catch (error) {
      for (const each of prepared) each.rollback();
      if (isSuperseded(signal)) return;
      this.#host.onRefused(run.candidate, this.#why(run.candidate, error, phase, signal));
    } finally {
      this.#scheduler.cancel(deadline);
    }
  }

  #why({ content }: Candidate, error: unknown, phase: Phase, signal?: AbortSignal): SecretError {
    const mask = (text: string): string | undefined => this.#host.exposure.words(text, content);
    return whyRefused(this.#reference, error, phase, mask, signal);
  }

  /** Calls `accept`; an error that it throws synchronously becomes a rejection. */
  async #ask(secret: Secret<T>, current: Secret<T> | undefined, signal: AbortSignal): Promise<boolean | undefined> {
    return (await this.#accept?.(secret, current, signal)) ?? undefined;
  }

  #end(run: Run): void {
    this.#run = undefined;
    const next = this.#next;
    this.#next = undefined;
    if (next !== undefined && !this.#closed) this.#begin(next, run.controller.signal.aborted);
    if (this.#run !== undefined) return;
    this.#idle?.resolve();
    this.#idle = undefined;
  }

  /** Whether the value has expired, by its store's expiry or its own, as of a certificate. */
  #hasEnded(secret: SnapshotSecret<T>): boolean {
    return secret.untilEndMs(this.#scheduler.clock) <= 0;
  }

  #secret(candidate: Candidate, decoded: Decoded<T>): SnapshotSecret<T> {
    return new SnapshotSecret(this.#reference, candidate.payload, decoded, this.#host.exposure);
  }
}

function isSuperseded(signal: AbortSignal): boolean {
  return signal.aborted && isSecretError(signal.reason) && signal.reason.reason === "superseded";
}
