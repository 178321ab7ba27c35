import { FlatNames } from "../shared/store/flat-names.ts";

/**
 * `db-primary`, or `db-primary/versions/live`: a version is a number or an alias.
 * @see https://cloud.google.com/secret-manager/docs/reference/rest/v1/projects.secrets/create
 * @see https://cloud.google.com/secret-manager/docs/assign-alias-to-secret-version
 */
export const secretNames: FlatNames = new FlatNames({
  name: /^[A-Za-z0-9_-]{1,255}$/,
  version: /^(?:[1-9]\d{0,8}|[A-Za-z][A-Za-z0-9_-]{0,62})$/,
  current: "latest",
  between: "/versions/",
  replaced: /[/.]/g,
  tip: 'Write "db-primary", or "db-primary/versions/live" for one version or alias: letters, digits, "-" and "_". Bind any other name to a secret.',
});

/** An id, one of a domain (`example.com:orders`), or a number. */
export function isProject(project: string): boolean {
  return /^(?:[a-z0-9.-]{1,63}:)?[a-z0-9-]{1,63}$/.test(project);
}

/** Whether a text can stand in the host of a region. */
export function isLocation(location: string): boolean {
  return /^[a-z]+[a-z0-9-]{0,40}[a-z0-9]$/.test(location);
}
