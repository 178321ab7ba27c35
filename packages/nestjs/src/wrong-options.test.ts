import "reflect-metadata";
import type { ModuleRef } from "@nestjs/core";
import { declareSecrets } from "@tacit/core";
import { mockSecrets } from "@tacit/core/testing";
import { expect, test } from "vitest";
import { InjectSecret, InjectSecrets } from "./inject-secret.ts";
import { OnSecretChange } from "./on-secret-change.ts";
import { openClient } from "./open-client.ts";
import { TacitHealthIndicator } from "./tacit-health-indicator.ts";
import { createTacitLogger } from "./tacit-logger.ts";
import { TacitModule } from "./tacit-module.ts";
import { mockSecretsModule } from "./testing/mock-secrets-module.ts";

type Loose = (...parameters: unknown[]) => unknown;
// Each is called as JavaScript may call it, where no compiler looks.
const calls: Readonly<Record<string, Loose>> = {
  forRoot: TacitModule.forRoot as Loose,
  forRootAsync: TacitModule.forRootAsync as Loose,
  forFeature: TacitModule.forFeature as Loose,
  InjectSecret: InjectSecret as Loose,
  InjectSecrets: InjectSecrets as Loose,
  OnSecretChange: OnSecretChange as Loose,
  createTacitLogger: createTacitLogger as Loose,
  mockSecretsModule: mockSecretsModule as Loose,
  isHealthy: new TacitHealthIndicator({} as ModuleRef).isHealthy as Loose,
};
const declare = declareSecrets({ db: { ref: "db" } });
const useFactory = (): object => ({});

test.each<[string, unknown[], string]>([
  ["forRoot", [], "the options of TacitModule.forRoot must be an object"],
  ["forRoot", [{ declares: declare }], 'TacitModule.forRoot has no option "declares"; did you mean "declare"?'],
  ["forRoot", [{ global: true }], 'TacitModule.forRoot has no option "global"'],
  ["forRoot", [{ isGlobal: "yes" }], "`isGlobal` of TacitModule.forRoot must be true or false"],
  ["forRoot", [{ name: 1 }], "`name` of TacitModule.forRoot must be text"],
  [
    "forRoot",
    [{ log: "warning" }],
    '`log` of TacitModule.forRoot must be "debug" or "info" or "warn" or "error" or false',
  ],
  ["forRoot", [{ secrets: {} }], "`secrets` of TacitModule.forRoot must have `ready()`"],
  ["forRootAsync", [], "the options of TacitModule.forRootAsync must be an object"],
  ["forRootAsync", [{ useFactory, injects: [] }], 'no option "injects"; did you mean "inject"?'],
  ["forRootAsync", [{ useFactory: {} }], "`useFactory` of TacitModule.forRootAsync must be a function"],
  ["forRootAsync", [{ useFactory, adapters: {} }], 'TacitModule.forRootAsync has no option "adapters"'],
  ["forFeature", ["db"], "`aliases` of TacitModule.forFeature must be a list of aliases"],
  ["forFeature", [["db"], { name: "x" }], "`client` of TacitModule.forFeature must be text"],
  ["InjectSecret", [], "`alias` of InjectSecret must be text"],
  ["InjectSecret", ["db", {}], "`client` of InjectSecret must be text"],
  ["InjectSecrets", [{}], "`client` of InjectSecrets must be text"],
  ["OnSecretChange", [], "`alias` of OnSecretChange must be text"],
  ["OnSecretChange", ["db", { inital: true }], 'OnSecretChange has no option "inital"; did you mean "initial"?'],
  ["OnSecretChange", ["db", { initial: "yes" }], "`initial` of OnSecretChange must be true or false"],
  ["isHealthy", ["secrets", { name: true }], 'isHealthy has no option "name"; did you mean "names"?'],
  ["createTacitLogger", [{}], "`logger` of createTacitLogger must have"],
  ["createTacitLogger", [undefined, {}], "`redactor` of createTacitLogger must have"],
  ["mockSecretsModule", [{}], "the options of mockSecretsModule must be an object"],
  ["mockSecretsModule", [{}, { declare, isGlobal: true }], 'mockSecretsModule has no option "isGlobal"'],
])("%s(...%j) is refused", (call, parameters, message) => {
  const refused = { code: "INVALID_CONFIG", message: expect.stringContaining(message) };
  expect(() => calls[call]?.(...parameters)).toThrow(expect.objectContaining(refused));
  // What the library did before it refused tells an application nothing.
  const stack = expect.not.stringMatching(/src\/(?!.*test\.ts)/);
  expect(() => calls[call]?.(...parameters)).toThrow(expect.objectContaining({ stack }));
});

test.each<[string, object, string]>([
  ["a misspelt one", { adapter: {} }, 'TacitModule has no option "adapter"; did you mean "adapters"?'],
  ["one of the module", { name: "billing" }, 'TacitModule has no option "name"'],
  ["a client that is none", { secrets: {} }, "`secrets` of TacitModule must have `ready()`"],
])("what a factory gives is refused: %s", async (_what, options, message) => {
  const context = { declare: undefined, ready: undefined, log: undefined };
  await expect(openClient(options, context)).rejects.toMatchObject({
    code: "INVALID_CONFIG",
    message: expect.stringContaining(message),
  });
});

test("a client without events cannot be logged", async () => {
  const secrets = { ...mockSecrets(), events: undefined } as never;
  const context = { declare: undefined, ready: undefined, log: "warn" } as const;
  await expect(openClient({ secrets }, context)).rejects.toThrow("`secrets.events` of TacitModule must have `onAny()`");
});
