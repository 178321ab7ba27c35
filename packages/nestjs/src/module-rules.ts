import type { SecretsOptions } from "@tacit/core";
import { type OptionRule, type OptionRules, optionRules } from "@tacit/core/provider";
import type { GivenSecrets, TacitAsyncOptions, TacitModuleOptions } from "./tacit-options.ts";

const { any, flag, function: isFunction, methods, object, oneOf, text } = optionRules;

const isLevel = oneOf("debug", "info", "warn", "error");
const isLog: OptionRule = (value) => (value === false ? undefined : isLevel(value) && `${isLevel(value)} or false`);

const ofModule: Readonly<Record<keyof TacitModuleOptions, OptionRule>> = {
  name: text,
  isGlobal: flag,
  ready: object,
  log: isLog,
};

/** What makes a client; `createSecrets` checks the values. */
export const clientRules: Readonly<Record<keyof SecretsOptions | keyof GivenSecrets, OptionRule>> = {
  declare: any,
  strict: any,
  adapters: any,
  keys: any,
  config: any,
  redactor: any,
  clock: any,
  random: any,
  audit: any,
  secrets: methods("ready", "latest", "watch", "health", "close"),
};

/** The options of `forRoot`. */
export const rootRules: OptionRules = { ...ofModule, ...clientRules };

const ofAsync: Readonly<Record<keyof TacitAsyncOptions, OptionRule>> = {
  ...ofModule,
  declare: any,
  imports: any,
  inject: any,
  useFactory: isFunction,
  useClass: isFunction,
  useExisting: any,
};

/** The options of `forRootAsync`. */
export const asyncRules: OptionRules = ofAsync;
