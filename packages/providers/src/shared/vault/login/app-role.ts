import { type CredentialSource, isSecretError, SecretError } from "@tacit/core/provider";
import { credentialWord } from "../../credential-text.ts";
import type { VaultAuth } from "../answer.ts";
import { Unwrapper } from "../wrapping.ts";
import { type Login, type LoginContext, requestLogin } from "./login.ts";

/** The option `auth` with `method: "approle"` after validation. */
export interface AppRoleLoginOptions {
  readonly method: "approle";
  readonly mount: string;
  readonly roleId: CredentialSource;
  /** Undefined for a role that requires none. */
  readonly secretId?: CredentialSource | undefined;
  /** The path that created the secret id: `auth/approle/role/<role>/secret-id`. If set, the source contains a wrapping token. */
  readonly creationPath?: string | undefined;
}

/**
 * Creates a login with a role id and a secret id, which may be wrapped.
 * @see https://developer.hashicorp.com/vault/api-docs/auth/approle#login-with-approle
 */
export function createAppRoleLogin(options: AppRoleLoginOptions): Login {
  const login = new AppRoleLogin(options);
  return { method: options.method, ownsToken: true, login: (context) => login.login(context) };
}

class AppRoleLogin {
  readonly #options: AppRoleLoginOptions;
  readonly #unwrapper = new Unwrapper("UNAUTHENTICATED");
  /** The unwrapped secret id. It is kept because the wrapping token can be used only once, and the login after it may fail. */
  #unwrapped: string | undefined;
  /** A keyed hash of the secret id of the last successful login. */
  #accepted: string | undefined;

  constructor(options: AppRoleLoginOptions) {
    this.#options = options;
  }

  /** Logs in. @throws {SecretError} UNAUTHENTICATED `secret-id-spent`; errors of `Unwrapper` and `requestLogin` */
  async login(context: LoginContext): Promise<VaultAuth> {
    const { mount, roleId } = this.#options;
    const role_id = await credentialWord(roleId, "role id", context.host);
    const secret_id = await this.#secretId(context);
    const mark =
      secret_id && context.host.contentVersion({ kind: "value", bytes: new TextEncoder().encode(secret_id) });
    try {
      const json = { role_id, secret_id };
      const auth = await requestLogin({ path: "auth/{+mount}/login", values: { mount }, json }, context, tip);
      this.#accepted = mark;
      return auth;
    } catch (error) {
      if (mark === undefined || mark !== this.#accepted || !isRefusal(error)) throw error;
      throw spent(this.#options.creationPath !== undefined);
    }
  }

  async #secretId(context: LoginContext): Promise<string | undefined> {
    const { secretId: source, creationPath } = this.#options;
    if (source === undefined) return undefined;
    if (creationPath === undefined) return credentialWord(source, "secret id", context.host);
    try {
      const { data } = await this.#unwrapper.unwrap({ token: source, creationPath }, context);
      this.#unwrapped = secretIdOf(data);
    } catch (error) {
      // The wrapping token is the same as at the last login; its secret id may allow another login.
      if (this.#unwrapped === undefined || !isUsedHere(error)) throw error;
    }
    context.host.protect(this.#unwrapped, `${context.host.name}/secret id`);
    return this.#unwrapped;
  }
}

const tip =
  "Check whether the role id and the secret id belong to the same role, and whether the secret id still has uses, has not expired and allows this address.";

function isRefusal(error: unknown): boolean {
  return isSecretError(error) && error.reason === "login-refused";
}

function isUsedHere(error: unknown): boolean {
  return isSecretError(error) && error.reason === "wrapping-token-used";
}

function secretIdOf(data: unknown): string {
  const { secret_id } = (data ?? {}) as { readonly secret_id?: unknown };
  if (typeof secret_id === "string" && secret_id !== "") return secret_id;
  throw new SecretError("INTERNAL", "the unwrapped response contains no secret id", {
    reason: "malformed-answer",
    tip: "Wrap the unchanged response of the role's path secret-id.",
  });
}

function spent(isWrapped: boolean): SecretError {
  return new SecretError(
    "UNAUTHENTICATED",
    "the secret id worked before and is now refused: it allows no more logins",
    {
      reason: "secret-id-spent",
      tip: `Put a new ${isWrapped ? "wrapping token" : "secret id"} in the place of the old one, or set the role's secret_id_num_uses and secret_id_ttl so that each token can be replaced by a new login.`,
    },
  );
}
