import type { OpenSecrets, StrictSecrets } from "../client/api.ts";
import { Client } from "../client/client.ts";
import { secretsOver } from "../client/secrets-over.ts";
import type { ParsedConfig } from "../config/parsed-config.ts";
import type { Declarations, Declared, WrittenDeclarations } from "../declare/declaration.ts";
import { type ResolvedDeclaration, resolveDeclarations } from "../declare/resolve-declarations.ts";
import { atCaller, fromCaller } from "../error/at-caller.ts";
import { SecretError, type SecretErrorCode } from "../error/secret-error.ts";
import { checkArgument, checkOptions, rules } from "../name/check-options.ts";
import { nearest } from "../name/nearest.ts";
import { assertName } from "../name/reference.ts";
import { ConfiguredProvider } from "../provider/configured-provider.ts";
import { createRedactor } from "../redact/redactor.ts";
import { type Duration, toMilliseconds } from "../time/duration.ts";
import { issue } from "./leak-check.ts";
import { type ManualClock, manualClock } from "./manual-clock.ts";
import { isMockValue, MockStore, type MockValue, valuesOf } from "./mock-store.ts";

/** Controls the store and the clock of a mock. Methods with a name throw INVALID_NAME for anything else, such as a selector. */
export interface MockControls {
  readonly clock: ManualClock;
  /** Writes a new version, and ends `fail` and `hang`; await `flush` for it to arrive. */
  set(name: string, value: MockValue): void;
  /** Deletes it, so that the store reports definitively that it does not exist. */
  remove(name: string): void;
  /** Makes the next reads fail; all of them unless `times` is given. */
  fail(name: string, code: SecretErrorCode, options?: { readonly times?: number }): void;
  /** Makes reads wait for an answer that never comes. */
  hang(name: string): void;
  /** Lets time pass: polls, retries, deadlines and expiries happen. */
  advance(ms: number): Promise<void>;
  /** Delivers the changes that were set, without time passing. */
  flush(): Promise<void>;
  /** Returns the number of reads of the store. */
  reads(name: string): number;
}

/** The options of `mockSecrets`. */
export interface MockOptions<D extends Declarations = Declarations> {
  /** The production declarations; `mockSecrets` also takes them as they are written. */
  readonly declare?: Declared<D> | undefined;
  /** As in a config document; default `keep`. */
  readonly onDenied?: "keep" | "throw" | undefined;
  /** As in a config document; default: no limit. */
  readonly maxStale?: Duration | "unlimited" | undefined;
}

type NoDeclarations = Readonly<Record<never, never>>;

/**
 * Creates a client over a store in memory, with a clock that only the test moves and its own redactor: ready immediately,
 * without a config document or module mocking. An asynchronous decoder or `accept` still requires an awaited `ready()`.
 * @throws {SecretError} INVALID_NAME for a key that is not a name
 */
export function mockSecrets<D extends Declarations>(
  values: Readonly<Record<string, MockValue>>,
  options: MockOptions<D> & { readonly declare: Declared<D> },
): StrictSecrets<D> & MockControls;
export function mockSecrets(
  values?: Readonly<Record<string, MockValue>>,
  options?: MockOptions,
): OpenSecrets<NoDeclarations> & MockControls;
// The last one is what the compiler names for a call that fits none: it shows what is wrong with a declaration.
export function mockSecrets<const D extends Declarations, A>(
  values: Readonly<Record<string, MockValue>>,
  options: Omit<MockOptions, "declare"> & { readonly declare: WrittenDeclarations<D, A> },
): StrictSecrets<D> & MockControls;
export function mockSecrets(values: Readonly<Record<string, MockValue>> = {}, options: MockOptions = {}): unknown {
  try {
    return createMock(values, options);
  } catch (error) {
    throw atCaller(error, mockSecrets as () => unknown);
  }
}

function createMock(values: Readonly<Record<string, MockValue>>, options: MockOptions): unknown {
  checkOptions("mockSecrets", options, mockRules);
  checkArgument("mockSecrets", "values", values, rules.object);
  const clock = manualClock();
  const store = new MockStore(clock);
  const declarations = resolveDeclarations(options.declare);
  const named = (name: string): string => storeName(name, declarations);
  const read = (name: string): string => readName(named(name), declarations);
  const client = new Client({
    declarations,
    adapters: {},
    config: undefined,
    redactor: createRedactor(),
    clock,
    random: () => 0.5,
    audit: {},
    waitsForRefused: false,
  });
  const set = (name: string, value: MockValue): void => {
    for (const issued of valuesOf(value)) issue(issued);
    store.set(name, value);
  };
  for (const [name, value] of Object.entries(values)) {
    const known = named(name);
    checkArgument("mockSecrets", name, value, isMockValue);
    set(known, value);
  }
  start(client, store, toConfig(options));
  const controls: MockControls = {
    clock,
    set: fromCaller((name, value) => {
      checkArgument("set", "value", value, isMockValue);
      set(read(name), value);
    }),
    remove: fromCaller((name) => store.remove(read(name))),
    fail: fromCaller((name, code, failing = {}) => {
      checkArgument("fail", "code", code, rules.oneOf(...Object.keys(codes)));
      checkOptions("fail", failing, { times: isCount });
      store.fail(read(name), code, failing.times ?? Number.POSITIVE_INFINITY);
    }),
    hang: fromCaller((name) => store.hang(read(name))),
    advance: clock.advance,
    flush: clock.flush,
    reads: fromCaller((name) => store.reads(read(name))),
  };
  return Object.assign(secretsOver(client, options.declare !== undefined) as object, controls);
}

const mockRules = { declare: rules.any, onDenied: rules.oneOf("keep", "throw"), maxStale: rules.any };

/** Every code, so that a test cannot fail a store with a word that no store says. */
const codes: Readonly<Record<SecretErrorCode, true>> = {
  NOT_FOUND: true,
  PERMISSION_DENIED: true,
  UNAUTHENTICATED: true,
  UNAVAILABLE: true,
  THROTTLED: true,
  INVALID_VALUE: true,
  REFUSED: true,
  INVALID_NAME: true,
  INVALID_CONFIG: true,
  NOT_READY: true,
  CLOSED: true,
  UNSUPPORTED: true,
  INTERNAL: true,
};

function isCount(value: unknown): string | undefined {
  return typeof value === "number" && value >= 1 ? undefined : "must be a number of at least 1";
}

/**
 * Returns the name, if a control can do something with it: with a selector, a stage or an alias it would do nothing, and the test
 * would pass for no reason.
 */
function storeName(name: string, declarations: ReadonlyMap<string, ResolvedDeclaration>): string {
  assertName(name);
  const declared = declarations.get(name)?.reference.name;
  const isRead = [...declarations.values()].some(({ reference }) => reference.name === name);
  if (declared === undefined || isRead) return name;
  throw new SecretError("INVALID_CONFIG", `"${name}" is an alias, but a mock takes names; its name is "${declared}"`, {
    reason: "option",
    reference: name,
    tip: `Write "${declared}" in its place.`,
  });
}

/** What no declaration reads would be set, or fail, for nobody. Without declarations any name may be read. */
function readName(name: string, declarations: ReadonlyMap<string, ResolvedDeclaration>): string {
  const names = [...declarations.values()].map(({ reference }) => reference.name);
  if (names.length === 0 || names.includes(name)) return name;
  const near = nearest(name, names);
  const hint = near === undefined ? "" : `; did you mean "${near}"?`;
  throw new SecretError("INVALID_CONFIG", `no declaration reads "${name}"${hint}`, {
    reason: "option",
    reference: name,
    tip: `The declarations read ${names.join(", ")}.`,
  });
}

function toConfig({ onDenied = "keep", maxStale = "unlimited" }: MockOptions): ParsedConfig {
  const isUnlimited = maxStale === "unlimited";
  const maxStaleMs = isUnlimited
    ? Number.POSITIVE_INFINITY
    : toMilliseconds(maxStale, "`maxStale` of mockSecrets", { zero: true });
  return {
    source: "mock",
    providers: new Map(),
    routes: [{ match: "**", to: ["mock"], fallbackOn: new Set() }],
    bindings: new Map(),
    cache: { ttlMs: 300_000, maxStaleMs, maxEntries: 1_000 },
    onDenied,
  };
}

/** Hands the first values over within this call, so that `latest` works at once; then everything goes its usual way. */
function start(client: Client, store: MockStore, config: ParsedConfig): void {
  const provider = new ConfiguredProvider(
    { name: "mock", use: "mock", optional: false, options: {} },
    { name: "mock", options: () => Promise.reject(noOptions()), open: () => store },
    {},
    {
      scheduler: client.scheduler,
      redactor: client.options.redactor,
      emit: client.report.emit,
      credential: () => Promise.reject(noOptions()),
      hintCredential: () => undefined,
      closed: client.closing.signal,
    },
  );
  client.startWith(config, new Map([["mock", provider]]));
  for (const view of client.views.values()) {
    view.startRefresh();
    const told = { began: client.scheduler.stamp(), at: client.options.clock.monotonic() };
    const result = store.peek(view.reference.name);
    if (view.reference.stage === "current" && result.status === "ok") {
      const { payload: content, version, createdAt } = result;
      const facts = { version, fetchedAt: client.options.clock.now(), provider: "mock", fallback: false };
      const outcome = { kind: "ok", content, ...facts, ...(createdAt === undefined ? {} : { createdAt }) } as const;
      view.take({ ...told, outcome });
    } else if (result.status === "not-found" && view.policy.optional)
      view.take({ ...told, outcome: { kind: "notFound" } });
    // Subscribes, so that what the test sets from now on arrives.
    void view.source.read("join");
  }
}

function noOptions(): SecretError {
  return new SecretError("UNSUPPORTED", "a mock has no config document");
}
