import { z } from "zod";
import { duration } from "../shared/options.ts";
import { formats } from "../shared/parse/field-parser.ts";
import { parsePattern } from "./parse/pattern.ts";

/** The options of a `file` provider after validation. */
export interface FileOptions {
  /** The directory to read: one volume, or a directory that holds many. A relative one counts from the working directory at open. */
  readonly root: string;
  /** `poll` for network mounts, whose changes raise no event here. Default `auto`. */
  readonly watch: "auto" | "poll";
  /** The time between two equal reads of a plain file that has just changed, in milliseconds. Default 20, the least. */
  readonly settleMs: number;
  /** The largest file that is read, in bytes. Default 1 MiB. */
  readonly maxBytes: number;
  /** Whether a symbolic link may lead outside the root. Default false. */
  readonly followExternalLinks: boolean;
  /** The format in which a file that is asked for by its own path is read as fields; `raw`, the default, leaves it one value. */
  readonly parse: (typeof parses)[number];
  /** For `vault-agent`: the keys that a file must hold. */
  readonly keys?: readonly string[] | undefined;
  /** For `vault-agent`: the text that a template renders, with its fields in braces. */
  readonly pattern?: string | undefined;
}

const parses = ["raw", ...formats, "vault-agent"] as const;

/** The schema of the options of a `file` provider. */
export const fileOptions: z.ZodType<FileOptions> = z
  .strictObject({
    root: z
      .string()
      .min(1, "must name a directory")
      .refine((root) => !root.includes("\0"), "must not hold NUL")
      .describe(
        "The directory to read: one mounted volume, or a directory of them. A relative one counts from the working directory.",
      ),
    watch: z
      .enum(["auto", "poll"])
      .default("auto")
      .describe("`poll` is for network mounts, where a change made on another machine raises no event."),
    settle: duration({ minimumMs: 20, maximumMs: 5000 })
      .prefault("20ms")
      .describe("How far apart two equal reads of a plain file that just changed must be, 20 ms to 5 s."),
    maxBytes: z
      .int()
      .positive()
      .max(64 * 1024 * 1024)
      .default(1024 * 1024)
      .describe("The largest file that is read, in bytes. A Kubernetes Secret holds at most 1 MiB."),
    followExternalLinks: z.boolean().default(false).describe("Whether a symbolic link may lead outside the root."),
    parse: z
      .enum(parses)
      .default("raw")
      .describe("How a file that is asked for by its own path becomes fields; `raw` leaves it one value."),
    keys: z
      .array(z.string().regex(/^[A-Za-z0-9_./-]+$/, "must be a key of letters, digits, _ . / or -"))
      .min(1)
      .refine((keys) => new Set(keys).size === keys.length, "must list each key once")
      .optional()
      .describe("For `vault-agent`: the keys that a file must hold, and of lines and Go maps all that it may hold."),
    pattern: z
      .string()
      .superRefine((pattern, { addIssue }) => {
        const parsed = parsePattern(pattern);
        if (typeof parsed === "string") addIssue(parsed);
      })
      .optional()
      .describe(
        "For `vault-agent`: the text that a template renders, with its fields in braces: `{username}:{password}`.",
      ),
  })
  .refine(({ parse, keys }) => keys === undefined || parse === "vault-agent", {
    path: ["keys"],
    message: 'needs "parse": "vault-agent"',
  })
  .refine(({ parse, pattern }) => pattern === undefined || parse === "vault-agent", {
    path: ["pattern"],
    message: 'needs "parse": "vault-agent"',
  })
  .refine(({ keys, pattern }) => keys === undefined || pattern === undefined, {
    path: ["pattern"],
    message: "names the fields itself, so `keys` must be left out",
  })
  .transform(({ settle, ...options }) => ({ ...options, settleMs: settle }));
