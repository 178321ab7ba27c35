import type { Redactor } from "../redactor.ts";

/** The redactors that one guard of this process works for. The guard stands while there is at least one. */
export class GuardHolders {
  readonly #start: (redactors: () => readonly Redactor[]) => () => void;
  /** one per install that stands, in their order */
  readonly #installs = new Set<{ readonly redactor: Redactor }>();
  /** those of the installs, each once */
  #redactors: readonly Redactor[] = [];
  #stop: () => void = () => undefined;

  /** `start` puts the guard up, and returns what takes it down; it is given the redactors of any moment. */
  constructor(start: (redactors: () => readonly Redactor[]) => () => void) {
    this.#start = start;
  }

  /** The function returned ends this install, once. */
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
