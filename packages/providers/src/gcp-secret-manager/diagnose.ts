import { type CallContext, type Finding, isSecretError, type ProviderHost } from "@tacit/core/provider";
import type { GoogleLogin } from "../shared/cloud/google-login.ts";
import type { SecretManagerApi } from "./api.ts";
import { parsePath } from "./path.ts";

/** What an operator should know of the identity and its rights. */
export class Diagnosis {
  readonly #api: SecretManagerApi;
  readonly #login: GoogleLogin;
  readonly #host: ProviderHost;
  /** As IAM writes it; a placeholder until it is known. */
  #member = "<member>";

  constructor(api: SecretManagerApi, login: GoogleLogin, host: ProviderHost) {
    this.#api = api;
    this.#login = login;
    this.#host = host;
  }

  /** @param paths that were asked for @throws {SecretError} what a request throws */
  async findings(paths: readonly string[], context: CallContext): Promise<readonly Finding[]> {
    const identity = await this.#identity(context);
    const names = [...new Set(paths.map((path) => parsePath(path).name))];
    return [...identity, ...(await this.#needless(names, context)), ...this.#leastPrivilege(names)];
  }

  /** The command that lets this identity read one secret. */
  grantOf(path: string): string {
    const [, project, , location] = this.#api.parent.split("/");
    const region = location === undefined ? "" : ` --location ${location}`;
    return `gcloud secrets add-iam-policy-binding ${parsePath(path).name} --project ${project}${region} --member "${this.#member}" --role roles/secretmanager.secretAccessor`;
  }

  async #identity(context: CallContext): Promise<readonly Finding[]> {
    const member = await this.#login.member({ signal: context.signal, host: this.#host });
    if (member !== undefined) this.#member = member;
    return [
      {
        level: "info",
        code: "identity",
        message:
          member === undefined
            ? "this process is a federated identity, or a pod without a service account of Google's"
            : `this process is ${member}`,
        ...(member === undefined && {
          tip: "Grant roles to its principal:// or principalSet:// of the workload identity pool.",
        }),
      },
    ];
  }

  /** A right that nobody uses is one that a thief of the token may use. */
  async #needless(names: readonly string[], context: CallContext): Promise<readonly Finding[]> {
    const found: Finding[] = [];
    for (const name of names) {
      const granted = await this.#api.permissions(name, changes, context).catch((error: unknown) => {
        if (isSecretError(error, "PERMISSION_DENIED")) return new Set<string>();
        throw error;
      });
      if (granted.size === 0) continue;
      found.push({
        level: "warning",
        code: "right-needless",
        message: `this identity may do more with "${name}" than read it: ${[...granted].join(", ")}`,
        tip: "Leave it roles/secretmanager.secretAccessor on the secret alone; an application needs no roles/secretmanager.admin.",
      });
    }
    return found;
  }

  #leastPrivilege(names: readonly string[]): readonly Finding[] {
    if (names.length === 0) return [];
    const tip = names.map((name) => this.grantOf(name)).join("\n");
    return [{ level: "info", code: "least-privilege", message: "what this process needs, and nothing more", tip }];
  }
}

const changes = [
  "secretmanager.versions.add",
  "secretmanager.versions.destroy",
  "secretmanager.secrets.delete",
  "secretmanager.secrets.setIamPolicy",
];
