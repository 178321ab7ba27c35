import { isBytes } from "../contract/content.ts";
import type { Decoded } from "../decode/codec.ts";

/** The bytes for a comparison of two contents. Text and bytes can be equal, structures only to structures. */
export interface CanonicalContent {
  readonly structured: boolean;
  readonly bytes: Uint8Array;
}

const maxDepth = 500;

/** Returns the canonical form of a content; undefined if it has none, such as an object with functions, cycles or other classes, which equals only itself. */
export function canonicalContent(decoded: Decoded<unknown>): CanonicalContent | undefined {
  return decoded.kind === "value" ? canonicalValue(decoded.value) : { structured: false, bytes: decoded.bytes };
}

/**
 * Returns the canonical form of a value: a string as UTF-8, bytes unchanged, a structure with sorted keys. A value that cannot be
 * read, such as an object whose getter throws, has none.
 */
export function canonicalValue(value: unknown): CanonicalContent | undefined {
  if (typeof value === "string") return { structured: false, bytes: Buffer.from(value) };
  if (isBytes(value)) return { structured: false, bytes: value };
  try {
    const text = canonicalText(value, 0);
    return text === undefined ? undefined : { structured: true, bytes: Buffer.from(text) };
  } catch {
    return undefined;
  }
}

function canonicalText(value: unknown, depth: number): string | undefined {
  if (depth > maxDepth) return undefined;
  if (value === null || typeof value === "boolean" || typeof value === "undefined") return String(value);
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "number") return Object.is(value, -0) ? "-0" : String(value);
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value !== "object") return undefined;
  if (isBytes(value)) return `bytes(${Buffer.from(value).toString("hex")})`;
  if (value instanceof Date) return `date(${value.getTime()})`;
  if (Array.isArray(value))
    return joined(
      "[",
      value.map((item) => canonicalText(item, depth + 1)),
      "]",
    );
  return isPlain(value) ? canonicalObject(value as Record<string, unknown>, depth) : undefined;
}

function canonicalObject(value: Record<string, unknown>, depth: number): string | undefined {
  const members = Object.keys(value)
    .sort()
    .map((key) => {
      const text = canonicalText(value[key], depth + 1);
      return text === undefined ? undefined : `${JSON.stringify(key)}:${text}`;
    });
  return joined("{", members, "}");
}

function joined(open: string, parts: readonly (string | undefined)[], close: string): string | undefined {
  return parts.includes(undefined) ? undefined : `${open}${parts.join(",")}${close}`;
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}
