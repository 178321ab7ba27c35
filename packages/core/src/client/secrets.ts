import type { ConfigSource } from "../config/config-document.ts";
import type { Adapters } from "../contract/adapters.ts";
import type { KeyRings } from "../contract/key-ring.ts";
import type { Declarations, Declared, WrittenDeclarations } from "../declare/declaration.ts";
import { resolveDeclarations } from "../declare/resolve-declarations.ts";
import { atCaller } from "../error/at-caller.ts";
import { checkOptions, rules } from "../name/check-options.ts";
import { defaultRedactor, type Redactor } from "../redact/redactor.ts";
import { type Clock, systemClock } from "../time/clock.ts";
import { adaptersFault } from "./adapters-rule.ts";
import type { OpenSecrets, StrictSecrets } from "./api.ts";
import { Client, type ClientOptions } from "./client.ts";
import { secretsOver } from "./secrets-over.ts";

/** The options of `createSecrets`. Stores are configured in the config document, not here. */
export interface SecretsOptions<D extends Declarations = Declarations> {
  /** The secrets that the application needs, from `declareSecrets`; `createSecrets` also accepts the plain declarations. */
  readonly declare?: Declared<D> | undefined;
  /** Whether only declared aliases may be read. Default: true with `declare`, false without. */
  readonly strict?: boolean | undefined;
  /** The adapters that a config document may use, from @tacit/providers or your own. */
  readonly adapters?: Adapters | undefined;
  /** The key services that the snapshot of a config document may use: `keys` from @tacit/providers. */
  readonly keys?: KeyRings | undefined;
  /** The config document: an object, a file URL, or a path. Default: `TACIT_CONFIG`, else only environment variables. */
  readonly config?: ConfigSource | undefined;
  /** The redactor of the values. Default: the shared one of this process. */
  readonly redactor?: Redactor | undefined;
  /** The clock for all times and timers. Default: that of this machine. */
  readonly clock?: Clock | undefined;
  /** Returns random numbers, uniform in [0, 1). Default: `Math.random`. */
  readonly random?: (() => number) | undefined;
  /** Whether cache hits and reveals are events. Default: neither. */
  readonly audit?: { readonly hits?: boolean; readonly reveals?: boolean } | undefined;
}

type NoDeclarations = Readonly<Record<never, never>>;
type WithoutDeclare = Omit<SecretsOptions, "declare">;

/**
 * Creates a client, which the caller owns and closes. Does no I/O: the config document is read by `ready()` or the first read.
 * @throws {SecretError} INVALID_CONFIG for a malformed declaration or option; UNSUPPORTED if Node is too old
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
// The compiler reports the last overload if none matches, so this one is last: its error shows the mistake in a declaration.
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
  adapters: adaptersFault,
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
