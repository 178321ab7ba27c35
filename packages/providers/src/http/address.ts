import { checkSegments } from "../shared/store/path.ts";

/** A URL with a place for the path of a secret. */
export interface AddressTemplate {
  /** Scheme, host and port, in which there is no place. */
  readonly origin: string;
  /** `/v1/{+path}`. */
  readonly path: string;
  /** name -> text, which may be `{path}`. */
  readonly query: Readonly<Record<string, string>>;
}

/** Reads `https://store.example/v1/{+path}?env=prod`; undefined for what has no place for a path, or has it in the host. */
export function parseAddress(url: string): AddressTemplate | undefined {
  const [, origin, path, query = ""] = /^(https?:\/\/[^/?#{}]+)(\/[^?#]*)(?:\?([^#]*))?$/.exec(url) ?? [];
  if (origin === undefined || path === undefined) return undefined;
  const places = url.match(/\{.*?\}/g) ?? [];
  if (places.length !== 1 || !/^\{[+*]?path\}$/.test(places[0] ?? "")) return undefined;
  if (query.includes("{") && !/=\{path\}(&|$)/.test(query)) return undefined;
  return { origin, path, query: Object.fromEntries(new URLSearchParams(query)) };
}

/** The query of one secret. */
export function queryFor({ query }: AddressTemplate, path: string): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(query).map(([name, text]) => [name, text === "{path}" ? path : text]));
}

/** @throws {SecretError} INVALID_NAME `path` */
export function checkPath(path: string): string {
  return checkSegments(
    path,
    'Write segments joined by one "/", such as "db/primary": without "..", backslashes and percent signs.',
  );
}
