import type { SecretPayload } from "../contract/contract.ts";
import type { Codec, Decoded } from "../decode/codec.ts";
import { isSecretError, SecretError } from "../error/secret-error.ts";
import { sameContent } from "../secret/content.ts";
import type { Exposure, Secret } from "../secret/secret.ts";
import { SnapshotSecret } from "../secret/secret.ts";
import type { Payload } from "../source/source.ts";
import type { Scheduler } from "../time/scheduler.ts";
import { untilAborted } from "../time/until-aborted.ts";
import type { Accept } from "./accept.ts";

/** One consumer of a new value that may refuse it: everybody prepares, then everybody commits, or nobody does. */
export interface Gatekeeper<T> {
  prepare(next: Secret<T>, previous: Secret<T> | undefined, signal: AbortSignal): Promise<Prepared>;
}

export interface Prepared {
  commit(): void;
  rollback(): void;
}

/** A payload that may become the adopted one, with what the reference selects in it. */
export interface Candidate {
  readonly payload: Payload;
  readonly content: SecretPayload;
}

/** What an admission needs of its view. */
export interface AdmissionHost<T> extends Exposure {
  readonly adopted: SnapshotSecret<T> | undefined;
  readonly gatekeepers: ReadonlySet<Gatekeeper<T>> | undefined;
  onExpose(content: SecretPayload, shown: unknown): void;
  onAdmitted(candidate: Candidate, secret: SnapshotSecret<T>): void;
  onRefused(candidate: Candidate, error: SecretError): void;
}

interface Run {
  readonly candidate: Candidate;
  readonly controller: AbortController;
  /** It follows an aborted one, so it runs to its end: rotation faster than the probe must not starve it. */
  readonly toItsEnd: boolean;
}

const deadlineMs = 10_000;

/** Decodes candidates and asks whether they are accepted: one at a time, the newest next. */
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

  /** Settles when no candidate is in work; undefined when none is now. */
  get idle(): Promise<void> | undefined {
    return this.#idle?.promise;
  }

  /** Takes the newest candidate. Without any asynchronous consumer it is adopted within this call. */
  offer(candidate: Candidate): void {
    if (this.#closed) return;
    const run = this.#run;
    if (run === undefined) return this.#begin(candidate, false);
    const same = sameContent(run.candidate.content, candidate.content);
    this.#next = same && !run.controller.signal.aborted ? undefined : candidate;
    if (!same && !run.toItsEnd) run.controller.abort(superseded(this.#reference));
  }

  /** The store has gone back to what is adopted, or to nothing: no candidate is wanted any more. */
  cancel(): void {
    this.#next = undefined;
    this.#run?.controller.abort(superseded(this.#reference));
  }

  close(error: SecretError): void {
    this.#closed = true;
    this.#next = undefined;
    this.#run?.controller.abort(error);
  }

  /** Nothing is registered with the redactor unless a schema, `accept` or a reveal is about to see the value. */
  #begin(candidate: Candidate, toItsEnd: boolean): void {
    const expose = (shown: unknown): void => this.#host.onExpose(candidate.content, shown);
    const context = { reference: this.#reference, expose };
    let decoded: Decoded<T> | Promise<Decoded<T>>;
    try {
      decoded = this.#codec.decode(candidate.content, context);
    } catch (error) {
      return this.#refuse(candidate, error, "undecodable");
    }
    const unattended = this.#accept === undefined && (this.#host.gatekeepers?.size ?? 0) === 0;
    if (unattended && !(decoded instanceof Promise))
      return this.#host.onAdmitted(candidate, this.#secret(candidate, decoded));
    const run: Run = { candidate, controller: new AbortController(), toItsEnd };
    this.#run = run;
    this.#idle ??= Promise.withResolvers<void>();
    void this.#admit(run, decoded).then(() => this.#end(run));
  }

  async #admit({ candidate, controller }: Run, decoding: Decoded<T> | Promise<Decoded<T>>): Promise<void> {
    const { signal } = controller;
    let phase: Phase = "undecodable";
    const deadline = this.#scheduler.after(deadlineMs, () => controller.abort(tooLate(this.#reference)));
    try {
      const secret = this.#secret(candidate, await untilAborted(Promise.resolve(decoding), signal));
      const { adopted } = this.#host;
      phase = "refused";
      const accepted = await untilAborted(this.#ask(secret, adopted, signal), signal);
      if (accepted === false) throw undefined;
      this.#scheduler.schedule(deadline, deadlineMs);
      const prepared = await prepareAll(this.#host.gatekeepers ?? [], secret, adopted, signal);
      for (const consumer of prepared) consumer.commit();
      this.#host.onAdmitted(candidate, secret);
    } catch (error) {
      if (isSuperseded(signal)) return;
      // What ends the question has its own words; anything else that is thrown here is the answer "no".
      if (signal.aborted && error === signal.reason) this.#host.onRefused(candidate, error as SecretError);
      else this.#refuse(candidate, error, phase);
    } finally {
      this.#scheduler.cancel(deadline);
    }
  }

  /** `accept` may throw before it returns a promise. */
  async #ask(secret: Secret<T>, adopted: Secret<T> | undefined, signal: AbortSignal): Promise<boolean | undefined> {
    return (await this.#accept?.(secret, adopted, signal)) ?? undefined;
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

  #secret(candidate: Candidate, decoded: Decoded<T>): SnapshotSecret<T> {
    return new SnapshotSecret(this.#reference, candidate.payload, decoded, this.#host);
  }

  #refuse(candidate: Candidate, error: unknown, phase: Phase): void {
    const isCodecs = phase === "undecodable" && isSecretError(error, "INVALID_VALUE");
    this.#host.onRefused(candidate, isCodecs ? error : refusal(this.#reference, error, phase));
  }
}

type Phase = "undecodable" | "refused";

/** All or nothing: what was prepared is rolled back when one fails, also when it is ready only after that. */
async function prepareAll<T>(
  gatekeepers: Iterable<Gatekeeper<T>>,
  next: Secret<T>,
  previous: Secret<T> | undefined,
  signal: AbortSignal,
): Promise<readonly Prepared[]> {
  const preparing = [...gatekeepers].map((gatekeeper) => gatekeeper.prepare(next, previous, signal));
  try {
    const prepared = await untilAborted(Promise.all(preparing), signal);
    // It may have been aborted in the very turn in which the last one was ready.
    signal.throwIfAborted();
    return prepared;
  } catch (error) {
    for (const late of preparing) void late.then((prepared) => prepared.rollback()).catch(() => undefined);
    throw error;
  }
}

function refusal(reference: string, cause: unknown, phase: Phase): SecretError {
  const message =
    phase === "refused"
      ? `the new value of "${reference}" was not accepted`
      : `the new value of "${reference}" cannot be decoded`;
  return new SecretError("INVALID_VALUE", message, {
    reason: phase === "refused" ? "refused" : "schema",
    retryable: phase === "refused",
    reference,
    cause,
    tip:
      phase === "refused"
        ? "The last good value is kept; `accept` and `derive` are asked again."
        : "The schema itself failed.",
  });
}

function superseded(reference: string): SecretError {
  return new SecretError("INVALID_VALUE", `a newer value of "${reference}" has arrived`, {
    reason: "superseded",
    reference,
  });
}

function tooLate(reference: string): SecretError {
  return new SecretError(
    "INVALID_VALUE",
    `the new value of "${reference}" was not accepted within ${deadlineMs / 1000} s`,
    {
      reason: "refused",
      retryable: true,
      reference,
      tip: "The last good value is kept; `accept` and `derive` are asked again.",
    },
  );
}

function isSuperseded(signal: AbortSignal): boolean {
  return signal.aborted && isSecretError(signal.reason) && signal.reason.reason === "superseded";
}
