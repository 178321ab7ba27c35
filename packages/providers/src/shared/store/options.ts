import * as z from "zod/mini";
import { optional, prefix, proxy, type TlsOptions, text, tls, withDefault } from "../options.ts";
import { passes } from "./path.ts";

/** The connection options of all stores that are read over HTTP. */
export interface HttpStoreOptions {
  /** The name of this program in the user agent, after `tacit/<version>`. */
  readonly application?: string | undefined;
  readonly tls: TlsOptions;
  /** `environment`, or the URL of a proxy. Default: none. */
  readonly proxy?: string | undefined;
  /** Allows http for a URL of another machine. */
  readonly allowInsecureHttp: boolean;
}

/** The schema of a slug: one word that is part of a URL. */
export const slug: z.ZodMiniString<string> = z
  .string()
  .check(z.regex(/^(?!\.{1,2}$)[\w.-]+$/, "must be letters, digits, _ . and -"));

/** Returns the schema of a prefix of paths, which may end with a slash. @param check throws for an invalid path */
export function pathPrefix(check: (path: string) => unknown): z.ZodMiniType<string, string> {
  return prefix((path) => passes(check, path.replace(/\/+$/, "")));
}

/** Requires `tls.certificate` for the login `certificate`. */
export const certificateGiven: z.core.$ZodCheck<HttpStoreOptions & { readonly auth: { readonly method: string } }> =
  z.refine(({ auth: { method }, tls: { certificate } }) => method !== "certificate" || certificate !== undefined, {
    path: ["tls", "certificate"],
    error: "must be given for this login",
  });

/** The schemas of `HttpStoreOptions`, for the option schema of an adapter. */
export const httpStoreShape: {
  readonly application: z.ZodMiniOptional<typeof text>;
  readonly tls: z.ZodMiniType<TlsOptions, unknown>;
  readonly proxy: z.ZodMiniOptional<typeof proxy>;
  readonly allowInsecureHttp: z.ZodMiniPrefault<z.ZodMiniBoolean>;
} = {
  application: optional("The name of this program in the user agent, after `tacit/<version>`.", text),
  tls: tls("The authorities to trust, and the client certificate. Files are read again when they change."),
  proxy: optional(
    '`"environment"` follows `HTTPS_PROXY` and `NO_PROXY` (which may list networks such as `10.0.0.0/8`), except for this machine. Otherwise the URL of a proxy; by default none.',
    proxy,
  ),
  allowInsecureHttp: withDefault("Allows the URL to name an http server on another machine.", false, z.boolean()),
};
