import * as z from "zod/mini";
import { filesShape, type MountOptions } from "../shared/files/options.ts";
import { keys, type SealedSecretsKeyOptions } from "../shared/keys/options.ts";
import { optional } from "../shared/options.ts";

/** The options of a `sealed-secrets` provider after validation. */
export interface SealedSecretsOptions extends MountOptions {
  /** The private keys of the controller. */
  readonly keys: readonly SealedSecretsKeyOptions[];
  /** The namespace of files that do not contain one. */
  readonly namespace?: string | undefined;
}

/** The schema of the options of a `sealed-secrets` provider. */
export const sealedSecretsOptions: z.ZodMiniType<SealedSecretsOptions> = z.pipe(
  z.strictObject({
    ...filesShape,
    keys: keys("sealed-secrets"),
    namespace: optional(
      "The namespace of files that do not name one.",
      z.string().check(z.regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, "must be the name of a namespace")),
    ),
  }),
  z.transform(({ settle, ...options }) => ({ ...options, settleMs: settle })),
);
