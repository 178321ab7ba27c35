import type { CredentialSource } from "@tacit/core/provider";
import * as z from "zod/mini";
import { credential, optional, required, text, withDefault } from "../shared/options.ts";
import { certificateGiven, type HttpStoreOptions, httpStoreShape, pathPrefix } from "../shared/store/options.ts";
import { checkPath, parseAddress } from "./address.ts";

/** `auth` of an `http` provider after validation. */
export type HttpAuth =
  | { readonly method: "none" | "certificate" }
  | { readonly method: "bearer"; readonly token: CredentialSource }
  | { readonly method: "basic"; readonly username: string; readonly password: CredentialSource }
  | { readonly method: "header"; readonly name: string; readonly value: CredentialSource };

/** The options of an `http` provider after validation. */
export interface HttpOptions extends HttpStoreOptions {
  /** `https://store.example/v1/{+path}`. */
  readonly url: string;
  /** Prepended to each name, joined by `/`. */
  readonly prefix?: string | undefined;
  readonly auth: HttpAuth;
  /** `value`: the bytes of the body, or of the selected part; `fields`: the members of a JSON object. */
  readonly payload: "value" | "fields";
  /** The JSON pointer to the secret in the answer. Default: the whole body. */
  readonly select?: string | undefined;
  /** The JSON pointer to a version in the answer. Default: contents are compared. */
  readonly version?: string | undefined;
}

const pointer = z.string().check(z.regex(/^(\/([^~]|~[01])*)+$/, 'must be a JSON pointer, such as "/data/password"'));
/** Headers that the client sets, or that would change how a request is read; and what no object holds as a name. */
const reserved =
  /^(host|user-agent|content-length|transfer-encoding|connection|keep-alive|upgrade|expect|te|trailer|if-.*|accept-encoding|__proto__)$/i;
const headerName = z
  .string()
  .check(
    z.refine((name) => /^[\w-]+$/.test(name) && !reserved.test(name), "must be a header that the client does not set"),
  );
const username = z.string().check(z.regex(/^[^:\p{Cc}]+$/u, "must have no colon and no control character"));

const auth: z.ZodMiniType<HttpAuth, unknown> = z.discriminatedUnion("method", [
  z.strictObject({ method: z.literal("none") }),
  z.strictObject({ method: z.literal("certificate") }),
  z.strictObject({ method: z.literal("bearer"), token: required("The token.", credential) }),
  z.strictObject({
    method: z.literal("basic"),
    username: required("The user name.", username),
    password: required("The password.", credential),
  }),
  z.strictObject({
    method: z.literal("header"),
    name: required("The name of the header.", headerName),
    value: required("The value of the header.", credential),
  }),
]);

const schema = z.strictObject({
  url: required(
    "The URL of one secret: `https://store.example/v1/{+path}`. `{+path}` keeps the slashes of a path, `{*path}` writes them as `%2F`, and `{path}` is for a query, as in `?name={path}`, or for paths without slashes.",
    text.check(
      z.refine(
        (url) => parseAddress(url) !== undefined,
        "must have one {+path}, {*path} or {path} behind the host, no . or .. as a segment, and percent codes for all but ASCII",
      ),
    ),
  ),
  prefix: optional(
    'Prepended to each name: with `"prod/app"`, `db/primary` is the path `prod/app/db/primary`.',
    pathPrefix(checkPath),
  ),
  auth: withDefault(
    'How requests are authenticated: `{ "method": "bearer", "token" }`, `{ "method": "basic", "username", "password" }`, `{ "method": "header", "name", "value" }`, `{ "method": "certificate" }` with `tls.certificate`, or none.',
    { method: "none" },
    auth,
  ),
  payload: withDefault(
    "`value`: the body, or the part that `select` points to. `fields`: the members of that JSON object.",
    "value",
    z.enum(["value", "fields"]),
  ),
  select: optional("The JSON pointer to the secret in the answer; by default the secret is the whole body.", pointer),
  version: optional(
    "The JSON pointer to the version of the secret in the answer; by default contents are compared.",
    pointer,
  ),
  ...httpStoreShape,
});

/** What the config document may say about an `http` provider. */
export const httpOptions: z.ZodMiniType<HttpOptions> = schema.check(certificateGiven);
