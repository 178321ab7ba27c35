import { AwsDouble } from "./aws-double.ts";
import { DoubleParameterStore } from "./aws-parameter-store/store.ts";
import { DoubleSecretsManager } from "./aws-secrets-manager/store.ts";

/** Secrets Manager and Parameter Store behind one address, for tests of other packages. */
export class AwsStoresDouble extends AwsDouble {
  readonly secrets: DoubleSecretsManager = new DoubleSecretsManager(() => Date.now());
  readonly parameters: DoubleParameterStore = new DoubleParameterStore(() => Date.now());

  constructor() {
    super();
    this.services.set("secretsmanager", this.secrets.actions);
    this.services.set("AmazonSSM", this.parameters.actions);
  }

  /** Makes a key that works. */
  issue(accessKeyId: string, secretAccessKey: string): void {
    this.keys.set(accessKeyId, { accessKeyId, secretAccessKey });
  }
}
