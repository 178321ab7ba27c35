/** The kind of failure, for decisions in code. Codes are stable and documented in docs/errors.md. */
export type SecretErrorCode =
  | "NOT_FOUND"
  | "PERMISSION_DENIED"
  | "UNAUTHENTICATED"
  | "UNAVAILABLE"
  | "THROTTLED"
  | "INVALID_VALUE"
  | "REFUSED"
  | "INVALID_NAME"
  | "INVALID_CONFIG"
  | "NOT_READY"
  | "CLOSED"
  | "UNSUPPORTED"
  | "INTERNAL";

/** The properties of a `SecretError` besides its code and message. */
export interface SecretErrorOptions {
  /** The specific reason within the code, in kebab-case, such as `field-missing`; documented in docs/errors.md. */
  readonly reason?: string | undefined;
  /** The requested name or reference. */
  readonly reference?: string | undefined;
  /** The configured name of the provider, not the adapter's. */
  readonly provider?: string | undefined;
  /** Whether another attempt may succeed. Default: true for UNAVAILABLE, THROTTLED, UNAUTHENTICATED and INTERNAL. */
  readonly retryable?: boolean | undefined;
  /** The shortest time in milliseconds before the next attempt. */
  readonly retryAfterMs?: number | undefined;
  /** For NOT_FOUND: whether the store is sure that the secret does not exist. */
  readonly definitive?: boolean | undefined;
  /** `path`: only this path fails. `provider`: the store fails for every path. Default: `provider`. */
  readonly scope?: "path" | "provider" | undefined;
  /** The remedy, in one sentence. */
  readonly tip?: string | undefined;
  /** Every problem, if one error reports several. */
  readonly errors?: readonly SecretError[] | undefined;
  /** The places at which a schema refused the value, if one did. */
  readonly issues?: readonly SchemaIssue[] | undefined;
  /** The error that caused this one. It is never kept: only a scrubbed copy is (name, code, status, request id, frames). */
  readonly cause?: unknown;
}

/** One place at which a value does not match its schema. It contains no part of the value. */
export interface SchemaIssue {
  /** Keys and indexes joined by dots; empty for the whole value. */
  readonly path: string;
  /** The schema's own code for it, if it has one: `invalid_type`, `min_length`. */
  readonly code?: string;
}

const brand: unique symbol = Symbol.for("tacit.secret-error") as never;
/** Causes that are already scrubbed copies. */
const scrubbed: WeakSet<Error> = new WeakSet();
const retryableCodes: ReadonlySet<SecretErrorCode> = new Set([
  "UNAVAILABLE",
  "THROTTLED",
  "UNAUTHENTICATED",
  "INTERNAL",
]);

/** The error class of Tacit. It never contains a value, a token, or the error object of an SDK or HTTP client. */
export class SecretError extends Error {
  /** Set explicitly, because a bundler may shorten the name of the class, which Node prints. */
  static override readonly name: string = "SecretError";
  override readonly name = "SecretError";
  readonly code: SecretErrorCode;
  declare readonly reason?: string;
  declare readonly reference?: string;
  declare readonly provider?: string;
  readonly retryable: boolean;
  /**
   * 503 if there is temporarily no value to serve (NOT_READY, UNAVAILABLE); web frameworks use it as the response status of an
   * uncaught error.
   */
  declare readonly status?: number;
  declare readonly retryAfterMs?: number;
  declare readonly definitive?: boolean;
  declare readonly scope?: "path" | "provider";
  declare readonly tip?: string;
  declare readonly errors?: readonly SecretError[];
  declare readonly issues?: readonly SchemaIssue[];

  constructor(code: SecretErrorCode, message: string, options: SecretErrorOptions = {}) {
    super(message);
    this.code = code;
    this.retryable = options.retryable ?? retryableCodes.has(code);
    if (code === "NOT_READY" || code === "UNAVAILABLE") this.status = 503;
    if (options.reason !== undefined) this.reason = options.reason;
    if (options.reference !== undefined) this.reference = options.reference;
    if (options.provider !== undefined) this.provider = options.provider;
    if (options.retryAfterMs !== undefined) this.retryAfterMs = options.retryAfterMs;
    if (options.definitive !== undefined) this.definitive = options.definitive;
    if (options.scope !== undefined) this.scope = options.scope;
    if (options.tip !== undefined) this.tip = options.tip;
    // Node prints non-enumerable `errors` too; code that spreads or copies an error does not need them.
    if (options.errors !== undefined) hide(this, "errors", options.errors);
    if (options.issues !== undefined) this.issues = options.issues;
    if (options.cause !== undefined) hide(this, "cause", scrubbedCopy(options.cause));
    hide(this, brand, true);
  }
}

/**
 * Returns whether a value is a SecretError, including one of another copy of this package, and, if codes are passed, has one of
 * them.
 */
export function isSecretError(error: unknown, ...codes: readonly SecretErrorCode[]): error is SecretError {
  if (typeof error !== "object" || error === null) return false;
  try {
    const { [brand]: branded, code } = error as { [brand]?: unknown; code?: unknown };
    if (branded !== true || typeof code !== "string") return false;
    return codes.length === 0 || codes.includes(code as SecretErrorCode);
  } catch {
    // A proxy or a getter threw, so the value is not a SecretError.
    return false;
  }
}

/** Returns a copy of an error with other options. It keeps the scrubbed cause, unless `context` replaces it; the stack is new. */
export function withErrorContext(
  error: SecretError,
  context: Pick<SecretErrorOptions, "reference" | "provider" | "tip" | "errors" | "cause"> & {
    readonly message?: string | undefined;
  },
): SecretError {
  const copy = new SecretError(error.code, context.message ?? error.message, {
    ...error,
    reference: context.reference ?? error.reference,
    provider: context.provider ?? error.provider,
    tip: context.tip ?? error.tip,
    errors: context.errors ?? error.errors,
  });
  const cause = context.cause ?? error.cause;
  if (cause !== undefined) hide(copy, "cause", cause === error.cause ? cause : scrubbedCopy(cause));
  return copy;
}

/**
 * Copies the parts of a foreign error that cannot contain a value. The message is withheld, because `JSON.parse`, `fetch` and
 * many SDKs quote their input there, and that input may be a value not yet registered for redaction. A system error's message is
 * rebuilt from its code and system call.
 */
function scrubbedCopy(cause: unknown, words?: string): Error {
  if ((isSecretError(cause) && words === undefined) || isScrubbed(cause)) return cause;
  const read = (key: string): unknown => {
    try {
      return (cause as Record<string, unknown> | null | undefined)?.[key];
    } catch {
      return undefined;
    }
  };
  const code = plainWord(read("code")) ?? plainNumber(read("code"));
  const syscall = plainWord(read("syscall"));
  const rebuilt = syscall === undefined ? "(message withheld)" : `${code ?? "error"} in ${syscall}`;
  const copy = new Error(words ?? rebuilt);
  copy.name = plainWord(read("name")) ?? "Error";
  const details: Record<string, unknown> = {
    code,
    status: plainStatus(read("status") ?? read("statusCode")),
    requestId: plainId(read("requestId") ?? read("request_id")),
  };
  for (const [key, detail] of Object.entries(details)) {
    if (detail !== undefined) Object.defineProperty(copy, key, { value: detail, enumerable: true });
  }
  copy.stack = [`${copy.name}: ${copy.message}`, ...frames(read("stack"), read("message"))].join("\n");
  scrubbed.add(copy);
  return copy;
}

/**
 * Returns a scrubbed cause for a SecretError.
 * @param words the masked message of the cause; undefined withholds it
 */
export function scrubbedCause(error: unknown, words: string | undefined): Error {
  return isSecretError(error) && words === error.message ? error : scrubbedCopy(error, words ?? "(message withheld)");
}

function isScrubbed(error: unknown): error is Error {
  return typeof error === "object" && error !== null && scrubbed.has(error as Error);
}

/**
 * Returns a word of only letters, or only capitals, digits and underscores, such as `TypeError` or `28P01`; tokens mix more
 * characters.
 */
function plainWord(value: unknown): string | undefined {
  return typeof value === "string" && /^(?:[A-Za-z]{1,48}|[A-Z0-9_]{1,48})$/.test(value) ? value : undefined;
}

/** Returns a number of up to five digits, as drivers number their errors; a longer one may be part of a value. */
function plainNumber(value: unknown): string | undefined {
  return typeof value === "number" && Number.isInteger(value) && Math.abs(value) < 100_000 ? `${value}` : undefined;
}

/** Returns a hexadecimal id, such as a UUID or a trace id. */
function plainId(value: unknown): string | undefined {
  return typeof value === "string" && /^[0-9A-Fa-f-]{8,64}$/.test(value) ? value : undefined;
}

function plainStatus(value: unknown): number | undefined {
  return typeof value === "number" && Number.isInteger(value) && value >= 100 && value <= 599 ? value : undefined;
}

/** Returns the stack frames. The message is cut off first, because it may contain lines that look like frames. */
function frames(stack: unknown, message: unknown): readonly string[] {
  if (typeof stack !== "string" || typeof message !== "string") return [];
  const end = stack.indexOf(message) + message.length;
  const below = message === "" || end >= message.length ? stack.slice(end) : "";
  return below.split("\n").filter((line) => /^\s+at .{1,500}$/.test(line));
}

function hide(target: object, key: PropertyKey, value: unknown): void {
  Object.defineProperty(target, key, { value, enumerable: false, configurable: true, writable: true });
}
