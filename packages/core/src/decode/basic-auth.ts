import type { Codec } from "./codec.ts";
import { object } from "./object.ts";

/** Who logs in, as a Secret of type `kubernetes.io/basic-auth` has it. */
export interface BasicAuth {
  readonly username: string;
  readonly password: string;
}

const codec: Codec<BasicAuth> = object(["username", "password"]);

/** Reads the fields `username` and `password`, both required; declare `mask: { username: "never" }` where logs may name the user. */
export function basicAuth(): Codec<BasicAuth> {
  return codec;
}
