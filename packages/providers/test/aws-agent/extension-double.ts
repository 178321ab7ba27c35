import { DoubleParameterStore } from "../aws-parameter-store/store.ts";
import { DoubleSecretsManager } from "../aws-secrets-manager/store.ts";
import { AgentDouble } from "./double.ts";

/** The extension of AWS Lambda with stores of its own, for tests of other packages. It cannot be told to pass by what it holds. */
export class ExtensionDouble extends AgentDouble {
  readonly secrets: DoubleSecretsManager;
  readonly stored: DoubleParameterStore;

  constructor() {
    const secrets = new DoubleSecretsManager(() => Date.now());
    const stored = new DoubleParameterStore(() => Date.now());
    super(secrets, stored);
    this.secrets = secrets;
    this.stored = stored;
    this.parameters.delete("refreshNow");
  }
}
