import type { ConfigSource } from "../config/config-document.ts";
import type { Adapters } from "../contract/adapters.ts";
import type { KeyRings } from "../contract/key-ring.ts";
import type { Declarations, Declared, WrittenDeclarations } from "../declare/declaration.ts";
import { resolveDeclarations } from "../declare/resolve-declarations.ts";
import { atCaller } from "../error/at-caller.ts";
import { checkOptions, rules } from "../name/check-options.ts";
import { defaultRedactor, type Redactor } from "../redact/redactor.ts";
import { type Clock, systemClock } from "../time/clock.ts";
import type { OpenSecrets, StrictSecrets } from "./api.ts";
import { Client, type ClientOptions } from "./client.ts";
import { secretsOver } from "./secrets-over.ts";

/** The options of `createSecrets`. They contain no stores, which belong in the config document. */
export interface SecretsOptions<D extends Declarations = Declarations> {
  /** The secrets that the application needs, from `declareSecrets`; `createSecrets` also takes the declarations as they are written. */
  readonly declare?: Declared<D> | undefined;
  /** Whether only declared aliases may be read; default: true with `declare`, false without. */
  readonly strict?: boolean | undefined;
  /** The kinds of store that a config document may use, from @tacit/providers or of your own. */
  readonly adapters?: Adapters | undefined;
  /** The key services that the snapshot of a config document may use: `keys` from @tacit/providers. */
  readonly keys?: KeyRings | undefined;
  /** The config document: an object, a URL, a path; default: `TACIT_CONFIG`, else environment variables alone. */
  readonly config?: ConfigSource | undefined;
  /** Default: the one redactor of this process. */
  readonly redactor?: Redactor | undefined;
  /** Default: the clock of this machine. */
  readonly clock?: Clock | undefined;
  /** Uniform in [0, 1); default `Math.random`. */
  readonly random?: (() => number) | undefined;
  /** Whether every cache hit and every reveal is an event; default: neither. */
  readonly audit?: { readonly hits?: boolean; readonly reveals?: boolean } | undefined;
}

type NoDeclarations = Readonly<Record<never, never>>;
type WithoutDeclare = Omit<SecretsOptions, "declare">;

/**
 * Makes a client. It does no I/O: the config document is read at `ready()` or the first read. The caller owns it and closes it.
 * @throws {SecretError} INVALID_CONFIG for a malformed declaration, UNSUPPORTED on a Node that is too old
 */
export function createSecrets(
  options: WithoutDeclare & { readonly declare?: undefined; readonly strict: true },
): StrictSecrets<NoDeclarations>;
export function createSecrets<D extends Declarations>(
  options: SecretsOptions<D> & { readonly declare: Declared<D>; readonly strict?: true },
): StrictSecrets<D>;
export function createSecrets<D extends Declarations>(
  options: SecretsOptions<D> & { readonly declare: Declared<D>; readonly strict: false },
): OpenSecrets<D>;
export function createSecrets(options?: SecretsOptions): OpenSecrets<NoDeclarations>;
export function createSecrets<const D extends Declarations, A>(
  options: WithoutDeclare & { readonly declare: WrittenDeclarations<D, A>; readonly strict: false },
): OpenSecrets<D>;
// The last one is what the compiler names for a call that fits none: it shows what is wrong with a declaration.
export function createSecrets<const D extends Declarations, A>(
  options: WithoutDeclare & { readonly declare: WrittenDeclarations<D, A>; readonly strict?: true },
): StrictSecrets<D>;
export function createSecrets(options: SecretsOptions = {}): unknown {
  try {
    checkOptions("createSecrets", options, optionRules);
    checkOptions("`audit` of createSecrets", options.audit, auditRules);
    return secretsOver(new Client(toClientOptions(options)), options.strict ?? options.declare !== undefined);
  } catch (error) {
    throw atCaller(error, createSecrets as () => unknown);
  }
}

const keyRing = rules.methods("options", "open");
const optionRules = {
  declare: rules.any,
  strict: rules.flag,
  adapters: rules.record,
  // A key ring, or a function that loads one.
  keys: (value: unknown) =>
    typeof value === "function" || keyRing(value) === undefined ? undefined : "must be `keys` of @tacit/providers",
  config: rules.any,
  redactor: rules.methods("register", "redact", "stats"),
  clock: rules.clock,
  random: rules.function,
  audit: rules.record,
};
const auditRules = { hits: rules.flag, reveals: rules.flag };

function toClientOptions(options: SecretsOptions): ClientOptions {
  return {
    declarations: resolveDeclarations(options.declare),
    adapters: options.adapters ?? {},
    keys: options.keys,
    config: options.config,
    redactor: options.redactor ?? defaultRedactor,
    clock: options.clock ?? systemClock,
    random: options.random ?? Math.random,
    audit: options.audit ?? {},
  };
}
