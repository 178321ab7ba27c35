import type { CredentialSource } from "@tacit/core/provider";
import * as z from "zod/mini";
import { credential, optional, required } from "../options.ts";

/** One member of `keys`, after validation. */
export type KeyOptions = AgeKeyOptions | LocalKeyOptions;

/** An age identity, or the passphrase of files that were encrypted with one. */
export interface AgeKeyOptions {
  readonly use: "age";
  readonly identity?: CredentialSource | undefined;
  readonly passphrase?: CredentialSource | undefined;
}

/** A key of the operator: 32 bytes, written as base64 or hexadecimal. */
export interface LocalKeyOptions {
  readonly use: "local";
  readonly key: CredentialSource;
}

const age = z
  .strictObject({
    use: z.literal("age"),
    identity: optional(
      "Private keys, one in each line: `AGE-SECRET-KEY-1...` or `AGE-SECRET-KEY-PQ-1...`; or one SSH key, Ed25519 or RSA, without a passphrase.",
      credential,
    ),
    passphrase: optional("The passphrase of files that were encrypted with one.", credential),
  })
  .check(
    z.refine(({ identity, passphrase }) => (identity === undefined) !== (passphrase === undefined), {
      path: ["identity"],
      error: "must be given, or else `passphrase`, not both",
    }),
  );

const local = z.strictObject({
  use: z.literal("local"),
  key: required("32 bytes as base64 or hexadecimal, such as `openssl rand -base64 32` writes.", credential),
});

/** The kinds of keys that a document can name. */
const members = { age, local };

/** More than any team has, and each may be tried on each file. */
const mostKeys = 20;

/** `keys` of an adapter. @param uses the kinds that its files know */
export function keys<U extends KeyOptions["use"]>(
  ...uses: readonly [U, ...U[]]
): z.ZodMiniType<readonly Extract<KeyOptions, { use: U }>[], unknown> {
  const allowed = uses.map((use) => members[use]) as unknown as [typeof age];
  return required(
    "The keys that open the files, tried in this order.",
    z
      .array(z.discriminatedUnion("use", allowed))
      .check(z.minLength(1, "must name at least one key"), z.maxLength(mostKeys, `must name at most ${mostKeys} keys`)),
  ) as never;
}
