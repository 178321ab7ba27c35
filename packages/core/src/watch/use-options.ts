/** The options of `use`. */
export interface UseOptions {
  /** Returns whether an error of the work means that the credential was refused. */
  readonly rejected: (error: unknown) => boolean;
  /** Ends only this call, which rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}
