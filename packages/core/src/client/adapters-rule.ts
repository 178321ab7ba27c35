import { rules } from "../name/check-options.ts";

/** Returns the fault of the option `adapters`; each adapter is checked in full when a document uses it. */
export function adaptersFault(value: unknown): string | undefined {
  const fault = rules.record(value);
  if (fault !== undefined) return fault;
  const members = value as Readonly<Record<string, unknown>>;
  if (typeof members.then === "function") return "is a promise, which must be awaited first";
  const wrong = Object.entries(members).find(([, member]) => member !== undefined && !isAdapter(member));
  if (wrong === undefined) return undefined;
  if (adapterIn(members.adapters) !== undefined)
    return "must be the export `adapters` of a package, not all of its exports";
  const [place, nested] = [quoted(wrong[0]), adapterIn(wrong[1])];
  return nested === undefined
    ? `must contain adapters, or functions that load them, by name: ${place} is neither`
    : `must contain adapters, not modules: instead of ${place}, pass its export ${quoted(nested)}`;
}

/** An adapter, or a function that loads one. `in` runs no getter. */
function isAdapter(value: unknown): boolean {
  if (typeof value === "function") return true;
  return typeof value === "object" && value !== null && ["open", "options"].some((member) => member in value);
}

/** The name of the first adapter among the members of something that is not one. */
function adapterIn(value: unknown): string | undefined {
  if (isAdapter(value)) return undefined;
  return Object.entries(Object(value)).find(([, member]) => isAdapter(member))?.[0];
}

function quoted(name: string): string {
  return JSON.stringify(name.slice(0, 64));
}
