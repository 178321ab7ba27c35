export { type MockSecretsModule, type MockSecretsModuleOptions, mockSecretsModule } from "./mock-secrets-module.ts";
