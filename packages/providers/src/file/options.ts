import { z } from "zod";
import { durationOption } from "../shared/duration-option.ts";

/** The options of a `file` provider after validation. */
export interface FileOptions {
  /** The directory to read: one volume, or a directory that holds many. A relative one counts from the working directory at open. */
  readonly root: string;
  /** `poll` for network mounts, whose changes raise no event here. Default `auto`. */
  readonly watch: "auto" | "poll";
  /** How far apart two equal reads of a plain file that has just changed must be, in milliseconds. Default 20, the least. */
  readonly settleMs: number;
  /** The largest file that is read, in bytes. Default 1 MiB. */
  readonly maxBytes: number;
  /** Whether a symbolic link may lead outside the root. Default false. */
  readonly followExternalLinks: boolean;
}

/** What the config document may say about a `file` provider. */
export const fileOptions: z.ZodType<FileOptions> = z
  .strictObject({
    root: z
      .string()
      .min(1, "must name a directory")
      .refine((root) => !root.includes("\0"), "must not hold NUL")
      .describe(
        "The directory to read: one mounted volume, or a directory of them. Relative to the working directory.",
      ),
    watch: z
      .enum(["auto", "poll"])
      .default("auto")
      .describe("poll: for network mounts, where changes made on another machine raise no event."),
    settle: durationOption({ minimumMs: 20, maximumMs: 5000 })
      .prefault("20ms")
      .describe("How far apart two equal reads of a plain file that just changed must be."),
    maxBytes: z
      .int()
      .positive()
      .max(64 * 1024 * 1024)
      .default(1024 * 1024)
      .describe("The largest file that is read, in bytes. A Kubernetes Secret holds at most 1 MiB."),
    followExternalLinks: z.boolean().default(false).describe("Whether a symbolic link may lead outside the root."),
  })
  .transform(({ settle, ...options }) => ({ ...options, settleMs: settle }));
