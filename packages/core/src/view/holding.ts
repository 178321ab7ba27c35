import type { SecretPayload } from "../contract/contract.ts";
import type { Decoded } from "../decode/codec.ts";
import type { SecretError } from "../error/secret-error.ts";
import { contentVersion } from "../secret/content-version.ts";
import type { Exposure, Secret, SnapshotSecret } from "../secret/secret.ts";
import type { Payload } from "../source/source.ts";
import type { Gatekeeper } from "./admission.ts";
import { Audience } from "./listeners.ts";
import { Masking } from "./masking.ts";
import type { ViewContext, ViewPolicy } from "./view-policy.ts";

/** What a view holds and whether it may be served. There is one per secret, so what few of them need is made on demand. */
export abstract class Holding<T> implements Exposure {
  /** The promise that readers get; there exactly while the adopted value may be served without asking. */
  kept: Promise<Secret<T> | undefined> | undefined;
  adopted: SnapshotSecret<T> | undefined;
  /** What the reference selects of the adopted payload. */
  content: SecretPayload | undefined;
  /** Why nothing may be served; undefined while something may. */
  block: SecretError | undefined;
  /** What is wrong now, whether or not it blocks. */
  problem: SecretError | undefined;
  /** The store says definitively that it does not exist. */
  absent = false;
  isClosed = false;
  /** It has been served at least once. */
  protected hasServed = false;
  protected payload: Payload | undefined;
  readonly policy: ViewPolicy<T>;
  readonly context: ViewContext;
  #audience: Audience<T> | undefined;
  #masking: Masking | undefined;
  /** keyed versions of dropped contents */
  #dropped: Set<string> | undefined;

  constructor(policy: ViewPolicy<T>, context: ViewContext) {
    this.policy = policy;
    this.context = context;
  }

  /** The reference in its canonical form. */
  abstract get name(): string;

  /** Those who follow this view. */
  get audience(): Audience<T> {
    this.#audience ??= new Audience();
    return this.#audience;
  }

  get gatekeepers(): ReadonlySet<Gatekeeper<T>> | undefined {
    return this.#audience?.gatekeepers;
  }

  /** A declared value that its mask leaves readable in output. */
  get isUnmasked(): boolean {
    return this.#masking?.unmasked === true;
  }

  isDropped(content: SecretPayload): boolean {
    return this.#dropped?.has(contentVersion(content)) === true;
  }

  // As the exposure of its secrets

  get everyReveal(): ((secret: SnapshotSecret<unknown>) => void) | undefined {
    return this.context.everyReveal;
  }

  onReveal(secret: SnapshotSecret<unknown>, decoded: Decoded<unknown>): void {
    const isAdopted = secret === this.adopted;
    this.#mask().expose(decoded, isAdopted ? this.content : undefined, isAdopted);
  }

  onExpose(content: SecretPayload, shown: unknown): void {
    this.#mask().exposeContent(content, shown);
  }

  protected hold(payload: Payload, content: SecretPayload, secret: SnapshotSecret<T>): void {
    if (secret !== this.adopted || this.kept === undefined) this.kept = Promise.resolve(secret);
    this.payload = payload;
    this.content = content;
    this.adopted = secret;
    this.absent = false;
    this.problem = undefined;
    this.block = undefined;
  }

  /** An optional secret that does not exist is a good answer. */
  protected holdNothing(): void {
    this.forget();
    this.problem = undefined;
    this.block = undefined;
    this.kept = Promise.resolve(undefined);
  }

  protected forget(): void {
    this.retireMasks();
    this.adopted = undefined;
    this.content = undefined;
    this.payload = undefined;
  }

  protected stop(error: SecretError): void {
    this.block = error;
    this.kept = undefined;
    this.tell((audience) => audience.stopped());
  }

  /** Refuses these contents from now on, whatever source they come from. */
  protected ban(contents: readonly (SecretPayload | undefined)[]): void {
    this.#dropped ??= new Set();
    for (const content of contents) if (content !== undefined) this.#dropped.add(contentVersion(content));
  }

  protected retireMasks(): void {
    this.#masking?.retire();
  }

  tell(call: (audience: Audience<T>) => void): void {
    if (this.#audience !== undefined) call(this.#audience);
  }

  #mask(): Masking {
    this.#masking ??= new Masking(this.name, this.policy, this.context);
    return this.#masking;
  }
}
