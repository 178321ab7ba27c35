/** The options within `auth` that are credentials. They are in a separate file, so that an entry point loads nothing else. */
export const loginCredentials: readonly string[] = ["token", "roleId", "secretId", "jwt", "password", "key"].map(
  (name) => `auth.${name}`,
);
