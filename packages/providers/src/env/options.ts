import * as z from "zod/mini";
import { optional, text, withDefault } from "../shared/options.ts";

/** The options of an `env` provider after validation. */
export interface EnvOptions {
  /** Prepended unchanged to the variable of every name. Default none. */
  readonly prefix: string;
  /** Separates a variable from its field. Default two underscores. */
  readonly separator: string;
  /** A `.env` file for development; the environment of the process takes precedence. Relative to the working directory. */
  readonly dotenv?: string | undefined;
  /** name -> prefix of the variables that are its fields, as a pod's `envFrom` makes them */
  readonly envFrom: Readonly<Record<string, string>>;
}

const mustBeVariable = "must begin with a letter or an underscore and continue with letters, digits, _ . or -";

/** The schema of the options of an `env` provider. */
export const envOptions: z.ZodMiniType<EnvOptions, unknown> = z.strictObject({
  prefix: withDefault(
    "Prepended unchanged to every variable: with `APP_`, `db/primary` is the variable `APP_DB_PRIMARY`.",
    "",
    z.string().check(z.regex(/^([A-Za-z_][A-Za-z0-9_.-]*)?$/, mustBeVariable)),
  ),
  separator: withDefault(
    "Separates a variable from its field: `DB_PRIMARY__PASSWORD`. 2 to 16 characters.",
    "__",
    z
      .string()
      .check(
        z.regex(/^[A-Za-z0-9_.-]{2,16}$/, "must be 2 to 16 letters, digits, _ . or -: a single one would be ambiguous"),
      ),
  ),
  dotenv: optional(
    "A `.env` file for development, read by Node's own parser; it need not exist. A variable of the process takes precedence over its line.",
    text,
  ),
  envFrom: withDefault(
    "Maps names to prefixes: the fields of a name are all variables that begin with its prefix, as `envFrom` in a pod creates them.",
    {},
    z.record(text, z.string().check(z.regex(/^[A-Za-z_][A-Za-z0-9_.-]*$/, mustBeVariable))),
  ),
});
