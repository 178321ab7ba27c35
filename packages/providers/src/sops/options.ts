import * as z from "zod/mini";
import { filesShape, type MountOptions } from "../shared/files/options.ts";
import { keys, type SopsKeyOptions } from "../shared/keys/options.ts";
import { withDefault } from "../shared/options.ts";
import { type SopsFormat, sopsFormats } from "./format/read-trees.ts";

/** The options of a `sops` provider after validation. */
export interface SopsOptions extends MountOptions {
  /** The keys that decrypt the files. */
  readonly keys: readonly SopsKeyOptions[];
  /** The format of the files; `extension`, the default, goes by their names. */
  readonly format: SopsFormat | "extension";
}

/** The schema of the options of a `sops` provider. */
export const sopsOptions: z.ZodMiniType<SopsOptions> = z.pipe(
  z.strictObject({
    ...filesShape,
    keys: keys("age", "pgp", "aws-kms", "gcp-kms", "azure-key", "vault-transit"),
    format: withDefault(
      "The format of the files. `extension` goes by their names, as sops does: `.yaml`, `.yml`, `.json`, `.env`, `.ini`, and binary for any other.",
      "extension",
      z.enum(["extension", ...sopsFormats]),
    ),
  }),
  z.transform(({ settle, ...options }) => ({ ...options, settleMs: settle })),
);
