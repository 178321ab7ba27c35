/** The health of a provider. */
export interface ProviderHealth {
  readonly name: string;
  readonly use: string;
  /** unavailable: its store is known to be down, and is not asked for a while. failed: it could not be opened. */
  readonly state: "unopened" | "open" | "unavailable" | "failed";
  /** Whether changes arrive by push or only by polling. */
  readonly changes: "push" | "poll" | "frozen";
  /** Whether it works with a limit: it could push but currently does not, or its adapter gave a warning that degrades it. */
  readonly degraded: boolean;
  readonly lastSuccessAt?: Date;
  /** Calls that failed since the last success. */
  readonly failures: number;
  /** The code of the error that makes it unavailable or kept it from opening. */
  readonly code?: string;
  /** Codes of the warnings that its adapter gave. */
  readonly warnings: readonly string[];
}
