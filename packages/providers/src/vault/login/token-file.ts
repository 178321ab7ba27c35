import { homedir } from "node:os";
import { join } from "node:path";
import type { Environment } from "../environment.ts";
import type { Login } from "./login.ts";
import { lookUpToken } from "./look-up-token.ts";

/** The token that a file holds, such as the sink of an Agent, or the file that the command-line login leaves. */
export function createTokenFileLogin(
  { file }: { readonly file?: string | undefined },
  environment: Environment,
): Login {
  const path = file ?? join(environment.HOME ?? homedir(), ".vault-token");
  return {
    method: "token-file",
    ownsToken: false,
    async login(context) {
      return lookUpToken({ $file: path }, context);
    },
  };
}
