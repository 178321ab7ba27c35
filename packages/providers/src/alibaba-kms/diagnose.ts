import { type CallContext, type Finding, isSecretError } from "@tacit/core/provider";
import type { KmsApi } from "./api.ts";

/** What an operator should know of the identity and its rights. */
export class Diagnosis {
  readonly #api: KmsApi;
  /** A placeholder until it is known. */
  #account = "*";

  constructor(api: KmsApi) {
    this.#api = api;
  }

  /** @param paths that were asked for @throws {SecretError} what a request throws */
  async findings(paths: readonly string[], context: CallContext): Promise<readonly Finding[]> {
    const found = await this.#identity(context);
    if (paths.length === 0) return found;
    const tip = this.grantOf([...new Set(paths)]);
    return [
      ...found,
      { level: "info", code: "least-privilege", message: "what this process needs, and nothing more", tip },
    ];
  }

  /** The RAM policy that lets an identity read secrets. */
  grantOf(names: readonly string[]): string {
    const scope = `acs:kms:${this.#api.region ?? "*"}:${this.#account}`;
    const Resource = names.map((name) => `${scope}:secret/${name}`);
    return JSON.stringify({ Version: "1", Statement: [{ Effect: "Allow", Action: ["kms:GetSecretValue"], Resource }] });
  }

  async #identity(context: CallContext): Promise<readonly Finding[]> {
    try {
      const arn = await this.#api.identity(context);
      this.#account = arn?.split(":")[3] ?? this.#account;
      return [
        { level: "info", code: "identity", message: `this process is ${arn ?? "an identity that STS does not name"}` },
      ];
    } catch (error) {
      // STS need not be reachable where a private gateway of KMS is.
      if (!isSecretError(error, "UNAVAILABLE")) throw error;
      return [
        { level: "info", code: "identity", message: "STS cannot be reached, so it is not known who this process is" },
      ];
    }
  }
}
