import { loginCredentials } from "../vault/login-credentials.ts";

/** The options within `keys` that are credentials. They are in a separate file, so that an entry point loads no schema library. */
export const keyCredentials: readonly string[] = [
  ...["identity", "passphrase", "key", "signers"].map((name) => `keys.${name}`),
  ...["secretAccessKey", "sessionToken", "credentials", "secret", "certificate"].map((name) => `keys.auth.${name}`),
  ...loginCredentials.map((name) => `keys.${name}`),
  ...["ca", "certificate", "key"].map((name) => `keys.tls.${name}`),
];
