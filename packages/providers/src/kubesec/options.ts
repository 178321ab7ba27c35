import * as z from "zod/mini";
import { filesShape, type MountOptions } from "../shared/files/options.ts";
import { type AwsKmsKeyOptions, type GcpKmsKeyOptions, keys, type PgpKeyOptions } from "../shared/keys/options.ts";
import { withDefault } from "../shared/options.ts";

/** One member of `keys` that kubesec knows. */
export type KubesecKeyOptions = PgpKeyOptions | AwsKmsKeyOptions | GcpKmsKeyOptions;

/** The options of a `kubesec` provider after validation. */
export interface KubesecOptions extends MountOptions {
  /** The keys that decrypt the files. */
  readonly keys: readonly KubesecKeyOptions[];
  /** Whether files without a MAC are read. Default false. */
  readonly allowUnauthenticated: boolean;
}

/** The schema of the options of a `kubesec` provider. */
export const kubesecOptions: z.ZodMiniType<KubesecOptions> = z.pipe(
  z.strictObject({
    ...filesShape,
    keys: keys("pgp", "aws-kms", "gcp-kms"),
    allowUnauthenticated: withDefault(
      "Also reads files of versions 1 and 2. They have no MAC, so the removal of a value goes unnoticed.",
      false,
      z.boolean(),
    ),
  }),
  z.transform(({ settle, ...options }) => ({ ...options, settleMs: settle })),
);
