import type { DynamicModule } from "@nestjs/common";
import type { Declarations, Declared, StrictSecrets } from "@tacit/core";
import { checkOptions, optionRules } from "@tacit/core/provider";
import { type MockControls, type MockOptions, type MockValue, mockSecrets } from "@tacit/core/testing";
import { TacitModule } from "../tacit-module.ts";

/** The options of `mockSecretsModule`. */
export interface MockSecretsModuleOptions<D extends Declarations> extends MockOptions<D> {
  /** The production declarations. */
  readonly declare: Declared<D>;
  /** The `name` of the client in production; default: the one without. */
  readonly name?: string;
}

/** A module for a test's `imports`, and the client in it. */
export interface MockSecretsModule<D extends Declarations> {
  readonly module: DynamicModule;
  readonly secrets: StrictSecrets<D> & MockControls;
}

/**
 * Creates a global module in place of `TacitModule.forRoot`, for a test of providers without the application's root module.
 * With the root module, override its client: `overrideProvider(getSecretsToken()).useValue(mockSecrets(...))`.
 */
export function mockSecretsModule<D extends Declarations>(
  values: Readonly<Record<string, MockValue>>,
  options: MockSecretsModuleOptions<D>,
): MockSecretsModule<D> {
  checkOptions("mockSecretsModule", options ?? null, mockRules);
  const { name, ...mock } = options;
  const secrets = mockSecrets(values, mock);
  const given = { secrets, declare: options.declare, isGlobal: true };
  return { secrets, module: TacitModule.forRoot(name === undefined ? given : { ...given, name }) };
}

const mockRules = {
  declare: optionRules.object,
  name: optionRules.text,
  onDenied: optionRules.any,
  maxStale: optionRules.any,
};
