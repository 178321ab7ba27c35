import type { SecretPayload } from "../contract/contract.ts";
import { hashOfContent } from "./bans.ts";

/** Of replaced values: `drop: true` refuses them too. */
const mostReplaced = 2;
/** The one before the current value may have been refused before the current one was, too. */
const mostRefused = 4;

/** The values that a view has replaced or refused lately, as keyed hashes, so that nothing of a value is kept. */
export class RecentValues {
  /** newest first */
  #replaced: readonly (readonly string[])[] = [];
  /** newest first; distinct */
  #refused: readonly string[] = [];

  /** Hashes of the values that were replaced last. */
  get replaced(): readonly string[] {
    return this.#replaced.flat();
  }

  replace(hashes: readonly string[]): void {
    this.#replaced = [hashes, ...this.#replaced].slice(0, mostReplaced);
  }

  refuse(content: SecretPayload): void {
    this.accept(content);
    this.#refused = [hashOfContent(content), ...this.#refused].slice(0, mostRefused);
  }

  /** A value may be accepted after it was refused. */
  accept(content: SecretPayload): void {
    if (this.#refused.length === 0) return;
    const hash = hashOfContent(content);
    this.#refused = this.#refused.filter((refused) => refused !== hash);
  }

  /** Whether this content was refused lately, and not accepted after that. */
  hasRefused(content: SecretPayload): boolean {
    return this.#refused.length > 0 && this.#refused.includes(hashOfContent(content));
  }
}
