import * as z from "zod/mini";
import { filesShape, type MountOptions } from "../shared/files/options.ts";
import { type AgeKeyOptions, keys } from "../shared/keys/options.ts";
import { withDefault } from "../shared/options.ts";
import { formats } from "../shared/parse/field-parser.ts";

/** The options of an `age` provider after validation. */
export interface AgeOptions extends MountOptions {
  /** The identities and passphrases that decrypt the files. */
  readonly keys: readonly AgeKeyOptions[];
  /** The format of the decrypted text; `extension`, the default, goes by the file name, `raw` leaves it one value. */
  readonly parse: (typeof parses)[number];
}

const parses = ["extension", "raw", ...formats] as const;

/** The schema of the options of an `age` provider. */
export const ageOptions: z.ZodMiniType<AgeOptions> = z.pipe(
  z.strictObject({
    ...filesShape,
    keys: keys("age"),
    parse: withDefault(
      "How decrypted text is parsed into fields. `extension` goes by the extension before `.age` (`.json`, `.yaml`, `.yml`, `.env`, `.properties`, `.ini`; any other file is one value); `raw` keeps every file as one value.",
      "extension",
      z.enum(parses),
    ),
  }),
  z.transform(({ settle, ...options }) => ({ ...options, settleMs: settle })),
);
