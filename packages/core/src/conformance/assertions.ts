import type { SecretPayload } from "../contract/contract.ts";
import { isSecretError, SecretError, type SecretErrorCode } from "../error/secret-error.ts";
import { systemClock } from "../time/clock.ts";

/** The time limit of a call in milliseconds; a case that hangs fails after it. */
const patienceMs = 10_000;

/** The error of a violated rule of the contract; its message contains no value. */
export class ConformanceFailure extends Error {
  override readonly name = "ConformanceFailure";
}

/** Throws unless the condition is true. The message must not contain a value. */
export function expectThat(condition: unknown, message: string): asserts condition {
  if (!condition) throw new ConformanceFailure(message);
}

/** Compares payloads byte by byte. The error states where they differ, but contains no byte of them. */
export function expectPayload(actual: SecretPayload, expected: SecretPayload, what: string): void {
  expectThat(actual.kind === expected.kind, `${what}: answered ${actual.kind}, the store has ${expected.kind}`);
  if (actual.kind === "value" && expected.kind === "value") expectBytes(actual.bytes, expected.bytes, what);
  if (actual.kind === "fields" && expected.kind === "fields") expectFields(actual.fields, expected.fields, what);
}

/** Converts an unexpected error: it keeps the class, the code and a scrubbed cause, because its message may quote a value. */
export function toFailure(error: unknown): ConformanceFailure {
  if (error instanceof ConformanceFailure) return error;
  const cause = isSecretError(error) ? undefined : new SecretError("INTERNAL", "", { cause: error }).cause;
  return new ConformanceFailure(`an unexpected ${kindOf(error)} was thrown`, { cause });
}

/** Returns whether two payloads have the same bytes. */
export function samePayload(left: SecretPayload, right: SecretPayload): boolean {
  try {
    expectPayload(left, right, "");
    return true;
  } catch {
    return false;
  }
}

/** Returns the error with which a promise rejects. */
export async function rejection(promise: Promise<unknown>, what: string): Promise<unknown> {
  const outcome = await within(
    promise.then(
      () => ({ rejected: false, reason: undefined }),
      (reason: unknown) => ({ rejected: true, reason }),
    ),
    what,
  );
  expectThat(outcome.rejected, `${what}: it resolved, but must reject`);
  return outcome.reason;
}

/** Expects a rejection with a SecretError of this code. */
export async function expectCode(promise: Promise<unknown>, code: SecretErrorCode, what: string): Promise<SecretError> {
  const error = await rejection(promise, `${what} must be ${code}`);
  expectThat(isSecretError(error), `${what} must be ${code}: it threw ${kindOf(error)}, not a SecretError`);
  expectThat(error.code === code, `${what} must be ${code}: it threw ${error.code}`);
  return error;
}

/** Rejects if a promise does not settle in time. */
export function within<T>(promise: Promise<T>, what: string, limitMs: number = patienceMs): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = systemClock.setTimer(
      () => reject(new ConformanceFailure(`${what}: nothing arrived within ${limitMs} ms`)),
      limitMs,
    );
    timer.keepAlive(true);
    promise.finally(() => timer.cancel()).then(resolve, reject);
  });
}

/** Polls every few milliseconds until the condition is true; for a state without an event, such as a closed descriptor. */
export async function settles(condition: () => boolean, limitMs: number): Promise<boolean> {
  const end = systemClock.monotonic() + limitMs;
  while (!condition()) {
    if (systemClock.monotonic() > end) return false;
    await new Promise<void>((resolve) => systemClock.setTimer(resolve, 5).keepAlive(true));
  }
  return true;
}

function expectFields(
  actual: ReadonlyMap<string, Uint8Array>,
  expected: ReadonlyMap<string, Uint8Array>,
  what: string,
): void {
  expectThat(actual instanceof Map, `${what}: the fields are not a Map`);
  for (const [key, bytes] of expected) {
    const field = actual.get(key);
    expectThat(field !== undefined, `${what}: the field ${JSON.stringify(key)} is missing`);
    expectBytes(field, bytes, `${what}, field ${JSON.stringify(key)}`);
  }
  const extra = [...actual.keys()].find((key) => !expected.has(key));
  expectThat(extra === undefined, `${what}: the field ${JSON.stringify(extra)} is not in the store`);
}

function expectBytes(actual: Uint8Array, expected: Uint8Array, what: string): void {
  expectThat(actual instanceof Uint8Array, `${what}: the bytes are not a Uint8Array`);
  const length = Math.min(actual.byteLength, expected.byteLength);
  for (let index = 0; index < length; index++) {
    expectThat(actual[index] === expected[index], `${what}: the bytes differ at offset ${index}`);
  }
  expectThat(actual.byteLength >= expected.byteLength, `${what}: there are too few bytes`);
  expectThat(actual.byteLength <= expected.byteLength, `${what}: there are too many bytes`);
}

/** Describes an error by its class and code alone, because its message may quote a value. */
function kindOf(error: unknown): string {
  if (isSecretError(error)) return `SecretError ${error.code}`;
  return error instanceof Error ? error.constructor.name : typeof error;
}
