import { FlatNames } from "../shared/store/flat-names.ts";

/**
 * `db-primary`, or `db-primary/4387e9f3d6e14c459867679a90fd0f79`.
 * @see https://learn.microsoft.com/azure/key-vault/general/about-keys-secrets-certificates#vault-name-and-object-name
 */
export const secretNames: FlatNames = new FlatNames({
  name: /^[0-9A-Za-z-]{1,127}$/,
  version: /^[0-9a-fA-F]{32}$/,
  between: "/",
  replaced: /[/._]/g,
  ignoresCase: true,
  tip: 'Write "db-primary", or "db-primary/<id of a version>": letters, digits and "-", 127 at most. Bind any other name to a secret.',
});
