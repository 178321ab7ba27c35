import * as z from "zod/mini";
import { filesShape, type MountOptions } from "../shared/files/options.ts";
import { optional, withDefault } from "../shared/options.ts";
import { formats } from "../shared/parse/field-parser.ts";
import { parsePattern } from "./parse/pattern.ts";

/** The options of a `file` provider after validation. */
export interface FileOptions extends MountOptions {
  /** The format in which a file that is asked for by its own path is read as fields; `raw`, the default, leaves it one value. */
  readonly parse: (typeof parses)[number];
  /** For `vault-agent`: the keys that a file must contain. */
  readonly keys?: readonly string[] | undefined;
  /** For `vault-agent`: the text that a template renders, with its fields in braces. */
  readonly pattern?: string | undefined;
}

const parses = ["raw", ...formats, "vault-agent"] as const;

const document = z.strictObject({
  ...filesShape,
  parse: withDefault(
    "How a file that is requested by its own path is parsed into fields; `raw` keeps it as one value.",
    "raw",
    z.enum(parses),
  ),
  keys: optional(
    "For `vault-agent`: the keys that a file must contain. Lines and Go maps must contain no others.",
    z.array(z.string().check(z.regex(/^[A-Za-z0-9_./-]+$/, "must be a key of letters, digits, _ . / or -"))).check(
      z.minLength(1),
      z.refine((keys) => new Set(keys).size === keys.length, "must list each key once"),
    ),
  ),
  pattern: optional(
    "For `vault-agent`: the rendered text, with its fields in braces: `{username}:{password}`.",
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
      error: "already lists the fields, so `keys` must be left out",
    }),
  ),
  z.transform(({ settle, ...options }) => ({ ...options, settleMs: settle })),
);
