import * as z from "zod/mini";
import { duration, optional, required, withDefault } from "../shared/options.ts";
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

const document = z.strictObject({
  root: required(
    "The directory to read: one mounted volume, or a directory of them. A relative one counts from the working directory.",
    z.string().check(
      z.minLength(1, "must name a directory"),
      z.refine((root) => !root.includes("\0"), "must not hold NUL"),
    ),
  ),
  watch: withDefault(
    "`poll` is for network mounts, where a change made on another machine raises no event.",
    "auto",
    z.enum(["auto", "poll"]),
  ),
  settle: withDefault(
    "How far apart two equal reads of a plain file that just changed must be, 20 ms to 5 s.",
    "20ms",
    duration({ minimumMs: 20, maximumMs: 5000 }),
  ),
  maxBytes: withDefault(
    "The largest file that is read, in bytes. A Kubernetes Secret holds at most 1 MiB.",
    1024 * 1024,
    z.int().check(z.positive(), z.maximum(64 * 1024 * 1024)),
  ),
  followExternalLinks: withDefault("Whether a symbolic link may lead outside the root.", false, z.boolean()),
  parse: withDefault(
    "How a file that is asked for by its own path becomes fields; `raw` leaves it one value.",
    "raw",
    z.enum(parses),
  ),
  keys: optional(
    "For `vault-agent`: the keys that a file must hold, and of lines and Go maps all that it may hold.",
    z.array(z.string().check(z.regex(/^[A-Za-z0-9_./-]+$/, "must be a key of letters, digits, _ . / or -"))).check(
      z.minLength(1),
      z.refine((keys) => new Set(keys).size === keys.length, "must list each key once"),
    ),
  ),
  pattern: optional(
    "For `vault-agent`: the text that a template renders, with its fields in braces: `{username}:{password}`.",
    z.string().check(
      z.superRefine((pattern, { addIssue }) => {
        const parsed = parsePattern(pattern);
        if (typeof parsed === "string") addIssue(parsed);
      }),
    ),
  ),
});

/** The schema of the options of a `file` provider. */
export const fileOptions: z.ZodMiniType<FileOptions> = z.pipe(
  document.check(
    z.refine(({ parse, keys }) => keys === undefined || parse === "vault-agent", {
      path: ["keys"],
      error: 'needs "parse": "vault-agent"',
    }),
    z.refine(({ parse, pattern }) => pattern === undefined || parse === "vault-agent", {
      path: ["pattern"],
      error: 'needs "parse": "vault-agent"',
    }),
    z.refine(({ keys, pattern }) => keys === undefined || pattern === undefined, {
      path: ["pattern"],
      error: "names the fields itself, so `keys` must be left out",
    }),
  ),
  z.transform(({ settle, ...options }) => ({ ...options, settleMs: settle })),
);
