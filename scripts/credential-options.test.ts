import { describe, expect, test } from "vitest";
import type { Adapter } from "../packages/core/src/contract/contract.ts";
import { adapters } from "../packages/providers/src/index.ts";

/** As much of a schema of zod as is walked through. */
interface Schema {
  readonly _zod: {
    readonly def: {
      readonly type: string;
      readonly innerType?: Schema;
      readonly in?: Schema;
      readonly element?: Schema;
      readonly shape?: Readonly<Record<string, Schema>>;
      readonly options?: readonly Schema[];
    };
  };
}

describe.each(Object.entries(adapters))("%s", (_name, load) => {
  test("names each option that holds a credential: what is not named is read once, and kept as text", async () => {
    const { credentials = [], options } = (await (load as () => Promise<Adapter>)()) as Adapter;
    const found = [...new Set(credentialsIn((await options()) as unknown as Schema))];
    const isNamed = (path: string): boolean =>
      credentials.some((named) => path === named || path.startsWith(`${named}.`));
    expect(found.filter((path) => !isNamed(path))).toEqual([]);
    // A name that was mistyped names nothing. The kinds of keys are named together, though a format may take few of them.
    const isFound = (named: string): boolean => found.some((path) => path === named || path.startsWith(`${named}.`));
    expect(credentials.filter((named) => !named.startsWith("keys.") && !isFound(named))).toEqual([]);
  });
});

/** The paths of the options that take a source alone. */
function credentialsIn(schema: Schema, path = ""): readonly string[] {
  const { type, innerType, in: from, element, shape, options = [] } = schema._zod.def;
  if (isCredential(schema)) return [path];
  const below = (name: string): string => (path === "" ? name : `${path}.${name}`);
  if (type === "object")
    return Object.entries(shape ?? {}).flatMap(([name, member]) => credentialsIn(member, below(name)));
  return [innerType, from, element, ...options].flatMap((inner) =>
    inner === undefined ? [] : credentialsIn(inner, path),
  );
}

function isCredential({ _zod: { def } }: Schema): boolean {
  const names = def.options?.flatMap((option) => Object.keys(option._zod.def.shape ?? {}));
  return names?.toSorted().join() === "$env,$file,$secret";
}
