/** The members of `auth` that are credentials, as paths from the options of a provider. It stands alone, so that an entry point loads nothing else. */
export const loginCredentials: readonly string[] = ["token", "roleId", "secretId", "jwt", "password", "key"].map(
  (name) => `auth.${name}`,
);
