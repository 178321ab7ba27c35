import type { CallContext, Provider, ProviderResult, ReadRequest } from "../contract/contract.ts";
import { isSecretError, SecretError } from "../error/secret-error.ts";
import { onRejection } from "../events/on-rejection.ts";
import { afterTurn } from "../time/turn.ts";
import { isUnavailableRefusal } from "./availability.ts";

/** The part of a provider that its batch uses. */
export interface BatchHost {
  readonly name: string;
  /** Makes one call in a slot, with a deadline. @throws {SecretError} */
  call<T>(path: string, use: (provider: Provider, context: CallContext) => Promise<T>, urgent: boolean): Promise<T>;
  toSecretError(error: unknown): SecretError;
  /** Reports a fault of the adapter to the operator. */
  reportFault(member: string): void;
}

/** Called when a call is made, with the promise of its result, which is used even if no caller waits any more. */
export type OnAsked = (answering: Promise<ProviderResult | undefined>) => void;

/** A reader that waits for a result. */
interface Member {
  readonly request: ReadRequest;
  readonly onAsked: OnAsked;
  resolve(result: ProviderResult): void;
  reject(error: unknown): void;
}

/** The readers of one turn with an equal request. */
type Question = readonly [Member, ...Member[]];

/** Bounds the memory for suspects. */
const mostSuspects = 1_000;
/** The suspicion from which a path is read with its own call. */
const suspicious = 2;

/** Combines the reads of one turn of the event loop into as few calls as the store allows. */
export class Batch {
  readonly #host: BatchHost;
  readonly #size: number;
  #members: Member[] = [];
  /** path -> a measure of how often shared calls with it have failed */
  readonly #suspects: Map<string, number> = new Map();

  /** @param size the maximum number of paths in one call */
  constructor(host: BatchHost, size: number) {
    this.#host = host;
    this.#size = size;
  }

  /** Returns whether shared calls with this path have failed, so that it is read with its own call until that succeeds. */
  isSuspect(path: string): boolean {
    return (this.#suspects.get(path) ?? 0) >= suspicious;
  }

  /** Records that the read of a path with its own call has succeeded. */
  clear(path: string): void {
    this.#suspects.delete(path);
  }

  /** Reads one path with the others of this turn. @throws {SecretError} */
  read(request: ReadRequest, onAsked: OnAsked): Promise<ProviderResult> {
    const { promise, resolve, reject } = Promise.withResolvers<ProviderResult>();
    this.#members.push({ request, onAsked, resolve, reject });
    if (this.#members.length === 1) afterTurn(() => this.#dispatch());
    return promise;
  }

  #dispatch(): void {
    const questions = toQuestions(this.#members);
    this.#members = [];
    for (let at = 0; at < questions.length; at += this.#size) {
      const chunk = questions.slice(at, at + this.#size);
      const [first, second] = chunk;
      if (first !== undefined) void (second === undefined ? this.#askOne(first) : this.#askMany(chunk, first));
    }
  }

  async #askOne(question: Question): Promise<void> {
    const [{ request }] = question;
    try {
      const read = (provider: Provider, context: CallContext): Promise<ProviderResult> => {
        const answering = provider.get(request, context);
        for (const { onAsked } of question) onAsked(answering);
        return answering;
      };
      const result = await this.#host.call(request.path, read, false);
      for (const { resolve } of question) resolve(result);
    } catch (error) {
      for (const { reject } of question) reject(error);
    }
  }

  async #askMany(questions: readonly Question[], [{ request: first }]: Question): Promise<void> {
    const requests = questions.map(([{ request }]) => request);
    try {
      const read = async (provider: Provider, context: CallContext): Promise<unknown> => {
        const answering = Promise.resolve(provider.getMany?.(requests, context));
        questions.forEach((question, index) => {
          const own = answering.then((answers) => toResult(answers?.[index]));
          own.catch(() => undefined);
          for (const { onAsked } of question) onAsked(own);
        });
        return await answering;
      };
      const answers = toList(await this.#host.call(first.path, read, false), questions.length);
      if (answers === undefined) throw this.#invalid();
      questions.forEach((question, index) => {
        this.#suspects.delete(question[0].request.path);
        this.#settle(question, answers, index);
      });
    } catch (error) {
      this.#suspect(requests, error as SecretError);
      for (const { reject } of questions.flat()) reject(error);
    }
  }

  /** Settles the readers of one result. Reads its members only once, since getters of an adapter in plain JavaScript may throw. */
  #settle(question: Question, answers: readonly unknown[], index: number): void {
    let error: unknown;
    try {
      const answer = answers[index];
      onRejection(answer, () => undefined);
      const result = isSecretError(answer) ? undefined : toResult(answer);
      if (result !== undefined) return question.forEach(({ resolve }) => void resolve(result));
      error = answer;
    } catch (thrown) {
      error = thrown;
    }
    const isAnswer = isSecretError(error);
    if (!isAnswer) this.#host.reportFault("getMany");
    const rejection = isAnswer ? this.#host.toSecretError(error) : invalidResult(this.#host.name, "for one of them");
    for (const { reject } of question) reject(rejection);
  }

  /** Raises the suspicion of the paths of a failed shared call, one of which may be the cause. An outage counts less, so that it does not cause single calls. */
  #suspect(requests: readonly ReadRequest[], error: SecretError): void {
    const { code, scope } = error;
    if (isUnavailableRefusal(error) || code === "THROTTLED" || code === "UNAUTHENTICATED" || code === "CLOSED") return;
    const weight = code === "UNAVAILABLE" && scope !== "path" ? 1 : suspicious;
    for (const { path } of requests) this.#suspects.set(path, (this.#suspects.get(path) ?? 0) + weight);
    for (const path of this.#suspects.keys()) {
      if (this.#suspects.size <= mostSuspects) break;
      this.#suspects.delete(path);
    }
  }

  #invalid(): SecretError {
    this.#host.reportFault("getMany");
    return invalidResult(this.#host.name, "that was asked for several paths at once");
  }
}

/** Merges equal requests of one turn. */
function toQuestions(members: readonly Member[]): readonly Question[] {
  const questions = new Map<string, [Member, ...Member[]]>();
  for (const member of members) {
    const { path, ifVersion, fresh } = member.request;
    const key = ifVersion === undefined && fresh === undefined ? path : `${path}\0${fresh}\0${ifVersion}`;
    const question = questions.get(key);
    if (question === undefined) questions.set(key, [member]);
    else question.push(member);
  }
  return [...questions.values()];
}

/** Returns the results if there is one for each request. */
function toList(answers: unknown, length: number): readonly unknown[] | undefined {
  try {
    return Array.isArray(answers) && answers.length === length ? answers : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Copies the members of a result, so that a promise is not awaited; returns undefined for a value that is not a result.
 */
function toResult(answer: unknown): ProviderResult | undefined {
  if (typeof answer !== "object" || answer === null) return undefined;
  const { status, payload, version, createdAt, expiresAt, refreshAt, lease, labels, definitive } = answer as Readonly<
    Record<string, unknown>
  >;
  if (status !== "ok" && status !== "not-modified" && status !== "not-found") return undefined;
  const result = { status, payload, version, createdAt, expiresAt, refreshAt, lease, labels, definitive };
  return result as unknown as ProviderResult;
}

function invalidResult(provider: string, when: string): SecretError {
  return new SecretError("INTERNAL", `provider "${provider}" returned something that is not a result ${when}`, {
    reason: "invalid-result",
    provider,
    tip: "Run the conformance kit on the adapter.",
  });
}
