import type { CredentialSource } from "@tacit/core/provider";
import { z } from "zod";

/** Text that says something. */
export const text: z.ZodString = z.string().min(1, "must not be empty");

/** Stays a source, to be read at each login. */
export const credential: z.ZodType<CredentialSource> = z.union(
  [z.strictObject({ $env: text }), z.strictObject({ $file: text }), z.strictObject({ $secret: text })],
  'must be {"$env": ...}, {"$file": ...} or {"$secret": ...}',
);

/** A role of a login method. */
export const role: z.ZodString = z
  .string()
  .regex(/^[\w.-]+$/, "must be the name of a role: letters, digits, _ . and -");

/** Where a login method is mounted, below `auth/`. */
export function mount(byDefault: string): z.ZodDefault<z.ZodString> {
  return z
    .string()
    .regex(
      /^(?!auth\/)[\w~-][\w.~-]*(\/[\w~-][\w.~-]*)*$/,
      `must be a path below auth/, such as "${byDefault}", without "auth/"`,
    )
    .default(byDefault);
}
