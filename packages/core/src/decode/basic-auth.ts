import type { Codec } from "./codec.ts";
import { object } from "./object.ts";

/** The login in a Secret of type `kubernetes.io/basic-auth`. */
export interface BasicAuth {
  readonly username: string;
  readonly password: string;
}

const codec: Codec<BasicAuth> = object(["username", "password"]);

/**
 * Reads the fields `username` and `password`, both required; declare `mask: { username: "never" }` if logs may show the user
 * name.
 */
export function basicAuth(): Codec<BasicAuth> {
  return codec;
}
