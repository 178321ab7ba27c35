/** The health of a provider. */
export interface ProviderHealth {
  readonly name: string;
  readonly use: string;
  /** `unavailable`: the store is known to be down, and receives no calls for now. `failed`: the provider could not be opened. */
  readonly state: "unopened" | "open" | "unavailable" | "failed";
  /** Whether changes arrive by push or only by polling. */
  readonly changes: "push" | "poll" | "frozen";
  /** Whether the provider is limited: it supports push but currently polls, or its adapter has given a degrading warning. */
  readonly degraded: boolean;
  readonly lastSuccessAt?: Date;
  /** The number of failed calls since the last success. */
  readonly failures: number;
  /** The code of the error that made the provider unavailable, or prevented its opening. */
  readonly code?: string;
  /** The codes of the warnings of the adapter. */
  readonly warnings: readonly string[];
}
