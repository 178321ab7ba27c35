import type { Redactor } from "../redactor.ts";

/** The redactors of one guard of this process. The guard is active while it has at least one. */
export class GuardHolders {
  readonly #start: (redactors: () => readonly Redactor[]) => () => void;
  /** One per active installation, in their order. */
  readonly #installs = new Set<{ readonly redactor: Redactor }>();
  /** The redactors of the installations, each once. */
  #redactors: readonly Redactor[] = [];
  #stop: () => void = () => undefined;

  /**
   * @param start activates the guard and returns the function that deactivates it; it receives a function that returns the
   * current redactors
   */
  constructor(start: (redactors: () => readonly Redactor[]) => () => void) {
    this.#start = start;
  }

  /** Adds an installation. The returned function ends it, once. */
  hold(redactor: Redactor): () => void {
    const install = { redactor };
    this.#installs.add(install);
    this.#update();
    if (this.#installs.size === 1) this.#stop = this.#start(() => this.#redactors);
    return () => {
      if (!this.#installs.delete(install)) return;
      this.#update();
      if (this.#installs.size === 0) this.#stop();
    };
  }

  #update(): void {
    this.#redactors = [...new Set([...this.#installs].map(({ redactor }) => redactor))];
  }
}
