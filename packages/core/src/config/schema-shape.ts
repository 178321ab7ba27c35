import { isRecord, type JsonPath } from "./json-path.ts";

/** The used part of the definition of a zod schema. It is read structurally, since an adapter may use another version of zod. */
interface Definition {
  readonly type?: string;
  readonly shape?: Readonly<Record<string, unknown>>;
  readonly innerType?: unknown;
  readonly valueType?: unknown;
  readonly element?: unknown;
  readonly in?: unknown;
  readonly options?: readonly unknown[];
}

/** Returns the keys of a zod schema at a path; none for a schema of another library. */
export function knownKeys(schema: unknown, path: JsonPath): readonly string[] {
  const shapes = definitionsAt(schema, path).map(({ shape }) => shape);
  return [...new Set(shapes.flatMap((shape) => Object.keys(shape ?? {})))];
}

/** Returns the type of a zod schema at a path if it is a number or boolean. */
export function scalarTypeAt(schema: unknown, path: JsonPath): "number" | "boolean" | undefined {
  const types = new Set(definitionsAt(schema, path).map(({ type }) => type));
  if (types.size !== 1) return undefined;
  const [type] = types;
  return type === "number" || type === "boolean" ? type : undefined;
}

/** Returns the definitions that may apply at a path; a union has several. */
function definitionsAt(schema: unknown, path: JsonPath): readonly Definition[] {
  const [step, ...rest] = path;
  const here = unwrapped(schema, 0);
  if (step === undefined) return here;
  return here.flatMap((definition) => definitionsAt(stepInto(definition, step), rest));
}

function stepInto({ shape, valueType, element }: Definition, step: string | number): unknown {
  if (typeof step === "number") return element;
  return shape !== undefined && Object.hasOwn(shape, step) ? shape[step] : valueType;
}

/** Returns the definitions within defaults, optional schemas, transforms and unions, up to a depth of 16. */
function unwrapped(schema: unknown, depth: number): readonly Definition[] {
  const definition = definitionOf(schema);
  if (definition === undefined || depth > 16) return [];
  if (definition.type === "union") return (definition.options ?? []).flatMap((option) => unwrapped(option, depth + 1));
  const inner = definition.innerType ?? definition.in;
  return inner === undefined ? [definition] : unwrapped(inner, depth + 1);
}

function definitionOf(schema: unknown): Definition | undefined {
  const internals = (schema as { readonly _zod?: { readonly def?: unknown } } | null | undefined)?._zod;
  return isRecord(internals?.def) ? internals.def : undefined;
}
