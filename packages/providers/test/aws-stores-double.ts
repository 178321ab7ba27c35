import type { ServerOptions } from "node:https";
import { AwsDouble } from "./aws-double.ts";
import { DoubleParameterStore } from "./aws-parameter-store/store.ts";
import { DoubleSecretsManager } from "./aws-secrets-manager/store.ts";

/** Secrets Manager and Parameter Store behind one address, for tests of other packages. */
export class AwsStoresDouble extends AwsDouble {
  readonly secrets: DoubleSecretsManager = new DoubleSecretsManager(() => Date.now());
  readonly parameters: DoubleParameterStore = new DoubleParameterStore(() => Date.now());

  constructor(secure?: ServerOptions) {
    super(secure);
    this.services.set("secretsmanager", this.secrets.actions);
    this.services.set("AmazonSSM", this.parameters.actions);
  }

  /** Makes a key that works. */
  issue(accessKeyId: string, secretAccessKey: string, sessionToken?: string): void {
    const pair = { accessKeyId, secretAccessKey };
    this.keys.set(accessKeyId, sessionToken === undefined ? pair : { ...pair, sessionToken });
  }

  /** Returns the ids of the keys that signed what it was asked, and forgets that. */
  signers(): readonly (string | undefined)[] {
    return this.requests.splice(0).map(({ headers }) => /Credential=(\w+)/.exec(headers.authorization ?? "")?.[1]);
  }
}
