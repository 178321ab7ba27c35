/** What health says of a provider. */
export interface ProviderHealth {
  readonly name: string;
  readonly use: string;
  /** unavailable: its store is known to be down, and left alone for now. failed: it could not be opened. */
  readonly state: "unopened" | "open" | "unavailable" | "failed";
  /** Whether changes arrive by push or by polling alone. */
  readonly changes: "push" | "poll" | "frozen";
  /** It works with a limit: it could push but does not now, or its adapter gave a warning that degrades it. */
  readonly degraded: boolean;
  readonly lastSuccessAt?: Date;
  /** Calls that failed since the last success. */
  readonly failures: number;
  /** Of the error for which it is unavailable, or that kept it from opening. */
  readonly code?: string;
  /** Codes of the warnings that its adapter gave. */
  readonly warnings: readonly string[];
}
