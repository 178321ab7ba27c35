import { isBytes } from "../contract/content.ts";
import type {
  CallContext,
  Provider,
  ProviderResult,
  ReadRequest,
  SecretPayload,
  Subscription,
} from "../contract/contract.ts";
import { SecretError, type SecretErrorCode } from "../error/secret-error.ts";
import type { Clock } from "../time/clock.ts";
import { untilAborted } from "../time/until-aborted.ts";

/** A secret of a test: one value, or its fields. */
export type MockValue = string | Uint8Array | Readonly<Record<string, string | Uint8Array>>;

/** Checks what JavaScript gives as a secret. */
export function isMockValue(value: unknown): string | undefined {
  const isOne = (one: unknown): boolean => typeof one === "string" || isBytes(one);
  const isRecord = typeof value === "object" && value !== null && Object.values(value).every(isOne);
  return isOne(value) || isRecord ? undefined : "must be text, bytes or an object of them by field";
}

interface Stored {
  readonly payload: SecretPayload;
  readonly version: string;
  readonly createdAt: Date;
}

/** A store in memory that a test scripts: what it holds, and how it misbehaves. */
export class MockStore implements Provider {
  readonly supports = {
    payload: "both",
    versions: true,
    subscribe: "local",
    conditional: false,
    defaultPollMs: 10_000,
  } as const;
  readonly #clock: Clock;
  /** path -> newest first, at most two */
  readonly #secrets: Map<string, readonly Stored[]> = new Map();
  readonly #failures: Map<string, { readonly code: SecretErrorCode; times: number }> = new Map();
  readonly #hanging: Set<string> = new Set();
  readonly #reads: Map<string, number> = new Map();
  readonly #hints: Map<string, Set<() => void>> = new Map();
  #versions = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  set(path: string, value: MockValue): void {
    const [current] = this.#secrets.get(path) ?? [];
    this.#versions += 1;
    const next = { payload: toPayload(value), version: String(this.#versions), createdAt: new Date(this.#clock.now()) };
    this.#secrets.set(path, current === undefined ? [next] : [next, current]);
    this.#mend(path);
  }

  remove(path: string): void {
    this.#secrets.delete(path);
    this.#mend(path);
  }

  fail(path: string, code: SecretErrorCode, times: number): void {
    this.#failures.set(path, { code, times });
    this.hint(path);
  }

  hang(path: string): void {
    this.#hanging.add(path);
    this.hint(path);
  }

  reads(path: string): number {
    return this.#reads.get(path) ?? 0;
  }

  /** What a read would answer now. */
  peek(path: string): ProviderResult {
    return this.#answer(path, 0);
  }

  /** Says "look again" to whoever subscribed. */
  hint(path: string): void {
    for (const hint of [...(this.#hints.get(path) ?? [])]) hint();
  }

  async get({ path, version }: ReadRequest, { signal }: CallContext): Promise<ProviderResult> {
    this.#reads.set(path, this.reads(path) + 1);
    if (this.#hanging.has(path)) return await untilAborted(new Promise<never>(() => undefined), signal);
    this.#failIfTold(path);
    return this.#answer(path, version === "previous" ? 1 : 0);
  }

  subscribe(paths: readonly string[], hint: () => void): Promise<Subscription> {
    for (const path of paths) this.#hintsOf(path).add(hint);
    return Promise.resolve({
      [Symbol.asyncDispose]: async () => {
        for (const path of paths) this.#hintsOf(path).delete(hint);
      },
    });
  }

  /** A new state is also the end of what was wrong. */
  #mend(path: string): void {
    this.#failures.delete(path);
    this.#hanging.delete(path);
    this.hint(path);
  }

  #failIfTold(path: string): void {
    const failure = this.#failures.get(path);
    if (failure === undefined) return;
    failure.times -= 1;
    if (failure.times <= 0) this.#failures.delete(path);
    const { code } = failure;
    const definitive = code === "NOT_FOUND" ? false : undefined;
    throw new SecretError(code, `the test makes "${path}" fail with ${code}`, { definitive });
  }

  #answer(path: string, index: number): ProviderResult {
    const stored = this.#secrets.get(path)?.[index];
    return stored === undefined ? { status: "not-found", definitive: true } : { status: "ok", ...stored };
  }

  #hintsOf(path: string): Set<() => void> {
    let hints = this.#hints.get(path);
    if (hints === undefined) {
      hints = new Set();
      this.#hints.set(path, hints);
    }
    return hints;
  }
}

/** The values in what a test gave. */
export function valuesOf(value: MockValue): readonly (string | Uint8Array)[] {
  return typeof value === "string" || isBytes(value) ? [value] : Object.values(value);
}

function toPayload(value: MockValue): SecretPayload {
  if (typeof value === "string" || isBytes(value)) return { kind: "value", bytes: toBytes(value) };
  const fields = Object.entries(value).map(([field, bytes]) => [field, toBytes(bytes)] as const);
  return { kind: "fields", fields: new Map(fields) };
}

function toBytes(value: string | Uint8Array): Uint8Array {
  return typeof value === "string" ? new TextEncoder().encode(value) : Uint8Array.from(value);
}
