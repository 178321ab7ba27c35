import type { Finding } from "@tacit/core/provider";
import { type Environment, settingOf } from "./environment.ts";
import type { TlsOptions } from "./tls-material.ts";

/** What is to be said of certificate checks; health tells it, too. No variable alone can switch them off. */
export function tlsFindings({ verify }: Pick<TlsOptions, "verify">, environment: Environment): readonly Finding[] {
  if (!verify) {
    return [
      {
        level: "error",
        code: "tls-unverified",
        message: "whoever answers is taken for Vault",
        tip: 'Remove "tls": { "verify": false }, and give Vault\'s authority as `tls.ca`.',
      },
    ];
  }
  // As Go reads a boolean.
  if (!/^(1|t|true)$/i.test(settingOf(environment, "SKIP_VERIFY") ?? "")) return [];
  return [
    {
      level: "warning",
      code: "skip-verify-ignored",
      message: "VAULT_SKIP_VERIFY is set and has no effect here: certificates are checked",
      tip: 'Unset VAULT_SKIP_VERIFY. Certificate checks are switched off by "tls": { "verify": false } in the document alone.',
    },
  ];
}
