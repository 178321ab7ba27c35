import type { FilesContext } from "./context.ts";
import { childOf, staysInside } from "./location.ts";
import { entriesOf } from "./probe.ts";

/** The maximum number of names in one directory that are listed as variants. */
const mostVariants = 3;

/**
 * Returns the existing paths below the root that differ from this one only in the case of a segment. Directories outside the root, and
 * those that may not be listed, are skipped.
 */
export function inAnotherCase(context: FilesContext, segments: readonly string[]): readonly string[] {
  const asked = segments.join("/");
  return spellings(context, context.root, segments).filter((path) => path !== asked);
}

function spellings(context: FilesContext, directory: string, [segment, ...rest]: readonly string[]): readonly string[] {
  if (segment === undefined) return [];
  const entries = entriesOf(context.fileSystem, directory);
  if (entries === "closed") return [];
  const wanted = segment.toLowerCase();
  const names = entries.filter((name) => name.toLowerCase() === wanted).slice(0, mostVariants);
  if (rest.length === 0) return names;
  return names
    .filter((name) => staysInside(context, childOf(directory, name)))
    .flatMap((name) => spellings(context, childOf(directory, name), rest).map((below) => `${name}/${below}`));
}
