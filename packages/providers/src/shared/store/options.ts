import * as z from "zod/mini";
import { optional, prefix, proxy, type TlsOptions, text, tls, withDefault } from "../options.ts";
import { passes } from "./path.ts";

/** What every store that is asked over HTTP can be told about the way there. */
export interface HttpStoreOptions {
  /** The name of this program in the user agent, after `tacit/<version>`. */
  readonly application?: string | undefined;
  readonly tls: TlsOptions;
  /** `environment`, or the URL of a proxy. Default: none. */
  readonly proxy?: string | undefined;
  /** Allows the URL to be http on another machine. */
  readonly allowInsecureHttp: boolean;
}

/** What stores call a slug: one word that is part of a URL. */
export const slug: z.ZodMiniString<string> = z
  .string()
  .check(z.regex(/^(?!\.{1,2}$)[\w.-]+$/, "must be letters, digits, _ . and -"));

/** A prefix of paths, which may end with a slash. @param check throws for a path that the store cannot hold */
export function pathPrefix(check: (path: string) => unknown): z.ZodMiniType<string, string> {
  return prefix((path) => passes(check, path.replace(/\/+$/, "")));
}

/** A login by certificate needs one. */
export const certificateGiven: z.core.$ZodCheck<HttpStoreOptions & { readonly auth: { readonly method: string } }> =
  z.refine(({ auth: { method }, tls: { certificate } }) => method !== "certificate" || certificate !== undefined, {
    path: ["tls", "certificate"],
    error: "must be given for this login",
  });

/** The members of an option schema that stand for `HttpStoreOptions`. */
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
