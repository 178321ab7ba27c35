/** What `use` needs beside the work. */
export interface UseOptions {
  /** Whether an error of the work says that the credential was refused, and not that something else failed. */
  readonly rejected: (error: unknown) => boolean;
  /** Ends this call alone; it rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}
