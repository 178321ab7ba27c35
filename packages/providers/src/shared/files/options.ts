import * as z from "zod/mini";
import { duration, required, withDefault } from "../options.ts";

/** The options of all adapters that read files below one root, after validation. */
export interface MountOptions {
  /**
   * The directory to read: one volume, or the parent directory of several. A relative path is resolved against the working
   * directory at open.
   */
  readonly root: string;
  /** `poll` for network mounts, whose changes cause no events on this machine. Default: `auto`. */
  readonly watch: "auto" | "poll";
  /** The time between two equal reads of a recently changed plain file, in milliseconds. Default: 20, which is also the minimum. */
  readonly settleMs: number;
  /** The size of the largest file that is read, in bytes. Default: 1 MiB. */
  readonly maxBytes: number;
  /** Whether a symbolic link may lead outside the root. Default: false. */
  readonly followExternalLinks: boolean;
}

/** The schemas of these options, for the option schema of an adapter, which converts `settle` to `settleMs`. */
export const filesShape: FilesShape = {
  root: required(
    "The directory to read: one mounted volume, or the parent directory of several. A relative path is resolved against the working directory.",
    z.string().check(
      z.minLength(1, "must name a directory"),
      z.refine((root) => !root.includes("\0"), "must not contain NUL"),
    ),
  ),
  watch: withDefault(
    "`poll` is for network file systems, which raise no event here when another machine changes a file.",
    "auto",
    z.enum(["auto", "poll"]),
  ),
  settle: withDefault(
    "How far apart two equal reads of a recently changed plain file must be, 20 ms to 5 s.",
    "20ms",
    duration({ minimumMs: 20, maximumMs: 5000 }),
  ),
  maxBytes: withDefault(
    "The size of the largest file to read, in bytes. A Kubernetes Secret is limited to 1 MiB.",
    1024 * 1024,
    z.int().check(z.positive(), z.maximum(64 * 1024 * 1024)),
  ),
  followExternalLinks: withDefault("Whether a symbolic link may lead outside the root.", false, z.boolean()),
};

interface FilesShape {
  readonly root: z.ZodMiniString;
  readonly watch: z.ZodMiniPrefault<z.ZodMiniEnum<{ auto: "auto"; poll: "poll" }>>;
  readonly settle: z.ZodMiniPrefault<z.ZodMiniType<number, string>>;
  readonly maxBytes: z.ZodMiniPrefault<z.ZodMiniNumberFormat>;
  readonly followExternalLinks: z.ZodMiniPrefault<z.ZodMiniBoolean>;
}
