import { fillPath } from "../shared/http/path.ts";
import { checkSegments, passes } from "../shared/store/path.ts";

/** A URL with a place for the path of a secret. */
export interface AddressTemplate {
  /** Scheme, host and port, in which there is no place. */
  readonly origin: string;
  /** `/v1/{+path}`. */
  readonly path: string;
  /** Name and text, which may be `{path}`, in the order of the address. */
  readonly query: readonly (readonly [name: string, text: string])[];
}

/** Reads `https://store.example/v1/{+path}?env=prod`; undefined for what has no place for a path, has it in the host, or leads elsewhere with `..`. */
export function parseAddress(url: string): AddressTemplate | undefined {
  const [, origin, path, query = ""] = /^(https?:\/\/[^/?#{}]+)(\/[^?#]*)(?:\?([^#]*))?$/.exec(url) ?? [];
  if (origin === undefined || path === undefined) return undefined;
  const places = url.match(/\{.*?\}/g) ?? [];
  if (places.length !== 1 || !/^\{[+*]?path\}$/.test(places[0] ?? "")) return undefined;
  if (query.includes("{") && !/=\{path\}(&|$)/.test(query)) return undefined;
  if (!passes((template) => decodeURIComponent(fillPath(template, { path: "x" })), path)) return undefined;
  return { origin, path, query: [...new URLSearchParams(query)] };
}

/** The query of one secret; a name that the address has twice is sent twice. */
export function queryFor({ query }: AddressTemplate, path: string): Readonly<Record<string, readonly string[]>> {
  const values = new Map<string, string[]>();
  for (const [name, text] of query) values.set(name, [...(values.get(name) ?? []), text === "{path}" ? path : text]);
  return Object.fromEntries(values);
}

/** @throws {SecretError} INVALID_NAME `path` */
export function checkPath(path: string): string {
  return checkSegments(
    path,
    'Write segments joined by one "/", such as "db/primary": without "..", backslashes and percent signs.',
  );
}
