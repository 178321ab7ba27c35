import { SecretError } from "../error/secret-error.ts";
import type { Observer, Outcome, Payload, PayloadSource, ReadMode } from "./source.ts";
import type { Entry } from "./store-source.ts";

/** The previous version of a secret, from whichever source serves the current one. */
export class PreviousVersion implements PayloadSource {
  outcome: Outcome | undefined;
  readonly #name: string;
  readonly #current: PayloadSource;
  readonly #observers: Set<Observer> = new Set();
  #release: (() => void) | undefined;
  #seen: Outcome | undefined;

  constructor(name: string, current: PayloadSource) {
    this.#name = name;
    this.#current = current;
  }

  get retryAt(): number {
    return Math.max(this.#current.retryAt, this.#current.previous()?.retryAt ?? 0);
  }

  /** Only as fresh as the current version: when that moves, so does this. */
  get freshUntil(): number {
    return this.outcome === undefined || this.outcome.kind === "failed" ? 0 : this.#current.freshUntil;
  }

  get isLocal(): boolean {
    return this.#current.isLocal;
  }

  async read(mode: ReadMode): Promise<Outcome> {
    const current = await this.#current.read(mode);
    if (current.kind !== "ok") return this.#settle(current);
    const source = this.#current.previous();
    if (source === undefined) return this.#settle({ kind: "failed", error: unsupported(this.#name, current) });
    // What was the previous version of another current one is out of date, however fresh.
    const moved = this.#seen !== undefined && this.#seen !== current;
    this.#seen = current;
    return this.#settle(await source.read(moved ? "after" : mode));
  }

  keep(observer: Observer): () => void {
    this.#observers.add(observer);
    this.#release ??= this.#current.keep((outcome) => {
      if (outcome !== this.#seen || this.outcome?.kind === "failed") void this.read("cached");
    });
    return () => {
      if (!this.#observers.delete(observer) || this.#observers.size > 0) return;
      this.#release?.();
      this.#release = undefined;
    };
  }

  previous(): undefined {
    return undefined;
  }

  nudge(): void {
    this.#current.nudge();
  }

  wake(): void {
    this.#current.wake();
  }

  leaves(): readonly Entry[] {
    return [...this.#current.leaves(), ...(this.#current.previous()?.leaves() ?? [])];
  }

  #settle(outcome: Outcome): Outcome {
    this.outcome = outcome;
    for (const observer of [...this.#observers]) observer(outcome);
    return outcome;
  }
}

function unsupported(name: string, { composite }: Payload): SecretError {
  const why = composite === true ? "it is composed of several secrets" : "each of its values is lent anew";
  return new SecretError("UNSUPPORTED", `a previous version of "${name}" cannot be read: ${why}`, {
    reason: composite === true ? "composite" : "lent",
    reference: name,
  });
}
