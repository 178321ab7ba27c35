/** The members of `auth` that are credentials, as paths from the options of a provider. Apart from the schema, which needs zod. */
export const loginCredentials: readonly string[] = ["token", "roleId", "secretId", "jwt", "password", "key"].map(
  (name) => `auth.${name}`,
);
