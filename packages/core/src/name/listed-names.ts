const maxListed = 20;
const maxNameLength = 64;

/** Lists up to 20 field names for a message, quoted so that no name can forge a line; "none" if there are none. */
export function listedNames(names: Iterable<string>): string {
  const all = [...names];
  if (all.length === 0) return "none";
  const listed = all.slice(0, maxListed).map(quotedName).join(", ");
  return all.length > maxListed ? `${listed} and ${all.length - maxListed} more` : listed;
}

/** Formats one field name for a message: quoted, with control characters escaped, cut to 64 characters. */
export function quotedName(name: string): string {
  return JSON.stringify(name.length > maxNameLength ? `${name.slice(0, maxNameLength)}...` : name);
}
