/** Hostile files of one format, each opened in turn in a process of its own. */
export interface MemoryCases {
  /** Opens valid files, so that code and pools are in memory before anything is measured. */
  warmUp(): Promise<unknown>;
  readonly cases: readonly MemoryCase[];
}

/** One or more files. */
export interface MemoryCase {
  readonly title: string;
  /** Opens one file after the other. Returns the codes of their errors; `opened` for a file that was opened. */
  run(): Promise<readonly string[]>;
}

/** What a process measured of one case. */
export interface MemoryReport {
  readonly title: string;
  readonly outcomes: readonly string[];
  /** The peak of the resident memory above what the process had after its warm-up, over this case and those before it. */
  readonly growthBytes: number;
}
