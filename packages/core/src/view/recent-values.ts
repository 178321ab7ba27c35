import type { SecretPayload } from "../contract/contract.ts";
import { hashOfContent } from "./bans.ts";

/** Of replaced values: `drop: true` refuses them too. */
const mostReplaced = 2;

/** The values that a view has replaced or refused lately, as keyed hashes, so that nothing of a value is kept. */
export class RecentValues {
  /** newest first */
  #replaced: readonly (readonly string[])[] = [];
  #refused: string | undefined;

  /** Hashes of the values that were replaced last. */
  get replaced(): readonly string[] {
    return this.#replaced.flat();
  }

  replace(hashes: readonly string[]): void {
    this.#replaced = [hashes, ...this.#replaced].slice(0, mostReplaced);
  }

  refuse(content: SecretPayload): void {
    this.#refused = hashOfContent(content);
  }

  /** A value may be accepted after it was refused. */
  accept(content: SecretPayload): void {
    if (this.hasRefused(content)) this.#refused = undefined;
  }

  /** Whether this content was the last one that was refused, and was never accepted. */
  hasRefused(content: SecretPayload): boolean {
    return this.#refused !== undefined && this.#refused === hashOfContent(content);
  }
}
