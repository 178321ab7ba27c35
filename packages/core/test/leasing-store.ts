import type { Adapter, CallContext, Lease, Provider, ProviderResult, ReadRequest } from "../src/contract/contract.ts";
import { SecretError } from "../src/error/secret-error.ts";
import type { Clock } from "../src/time/clock.ts";
import { untilAborted } from "../src/time/until-aborted.ts";

/** One credential that the store has made. */
export interface IssuedCredential {
  readonly path: string;
  readonly lease: string;
  readonly password: string;
  /** Monotonic time. */
  readonly at: number;
  /** Wall time. */
  readonly wallAt: number;
  /** Wall time. */
  endsAt: number;
  /** Wall time past which no renewal goes. */
  readonly lastEnd: number;
  revoked: boolean;
}

/** A store that makes another credential at each read, leases it for a term, and takes it back; everything else is a fault. */
export class LeasingStore {
  termMs: number = 60_000;
  maxTermMs: number = Number.POSITIVE_INFINITY;
  renewable = true;
  /** What a read, a renewal or a revocation throws. */
  issueError: SecretError | undefined;
  renewError: SecretError | undefined;
  revokeError: SecretError | undefined;
  /** Reads and renewals answer nothing until their signal aborts. */
  hangs = false;
  /** Renewals alone do. */
  renewHangs = false;
  /** Revocations do. */
  revokeHangs = false;
  /** Reads answer when it settles, whatever their signal says. */
  late: Promise<void> | undefined;
  /** What every read costs, on the client's clock. */
  latencyMs = 0;
  /** Reads find no such role. */
  isGone = false;
  /** Without a lease: an end of its own, as a certificate has. */
  leases = true;
  /** What a renewal answers in place of the truth, as a broken adapter does. */
  renewAnswer: unknown;
  /** What the provider has beside or in place of its own; undefined takes a method away. */
  overrides: { readonly [K in keyof Provider]?: Provider[K] | undefined } = {};
  readonly issued: IssuedCredential[] = [];
  renewals = 0;
  revocations = 0;
  readonly clock: Clock;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  /** The credentials that a login would accept now. */
  get alive(): readonly string[] {
    const now = this.clock.now();
    return this.issued.filter(({ endsAt, revoked }) => !revoked && endsAt > now).map(({ password }) => password);
  }

  /** Ends one behind the client's back. */
  revokeBehind(password: string): void {
    for (const one of this.issued) if (one.password === password) one.revoked = true;
  }

  adapter(): Adapter<unknown> {
    return {
      name: "leasing",
      options: async () => ({
        "~standard": { version: 1, vendor: "leasing", validate: (value: unknown) => ({ value }) },
      }),
      open: () => this.#provider(),
    };
  }

  #provider(): Provider {
    return {
      supports: {
        payload: "fields",
        versions: true,
        subscribe: false,
        conditional: true,
        leases: true,
        defaultPollMs: 60_000,
      },
      isDynamic: (path) => path.startsWith("creds/"),
      get: (request, context) => this.#issue(request, context),
      renew: (lease, context) => this.#renew(lease, context),
      revoke: (lease, context) => this.#revoke(lease, context),
      ...this.overrides,
    } as Provider;
  }

  async #issue({ path }: ReadRequest, { signal }: CallContext): Promise<ProviderResult> {
    if (this.issueError !== undefined) throw this.issueError;
    if (this.hangs) return await untilAborted(new Promise<never>(() => undefined), signal);
    if (this.isGone) return { status: "not-found", definitive: true };
    if (this.latencyMs > 0) await this.#passed(this.latencyMs);
    const now = this.clock.now();
    const password = `password-${this.issued.length + 1}`;
    const lease = `lease-${this.issued.length + 1}`;
    const lastEnd = now + this.maxTermMs;
    const endsAt = now + Math.min(this.termMs, this.maxTermMs);
    this.issued.push({
      at: this.clock.monotonic(),
      wallAt: now,
      path,
      lease,
      password,
      endsAt,
      lastEnd,
      revoked: false,
    });
    await this.late;
    const fields = new Map([
      ["username", Buffer.from(`user-${this.issued.length}`)],
      ["password", Buffer.from(password)],
    ]);
    const answer = { status: "ok", payload: { kind: "fields", fields }, version: lease } as const;
    if (!path.startsWith("creds/")) return answer;
    if (!this.leases) return { ...answer, expiresAt: new Date(endsAt) };
    return { ...answer, lease: { id: lease, durationMs: endsAt - now, renewable: this.renewable } };
  }

  async #renew(lease: Lease, { signal }: CallContext): Promise<Lease> {
    this.renewals += 1;
    if (this.hangs || this.renewHangs) return await untilAborted(new Promise<never>(() => undefined), signal);
    if (this.renewError !== undefined) throw this.renewError;
    if (this.renewAnswer !== undefined) return this.renewAnswer as Lease;
    const now = this.clock.now();
    const found = this.issued.find((one) => one.lease === lease.id && !one.revoked && one.endsAt > now);
    if (found === undefined) throw new SecretError("NOT_FOUND", "no such lease", { definitive: true });
    found.endsAt = Math.min(found.lastEnd, now + lease.durationMs);
    return { id: lease.id, durationMs: found.endsAt - now, renewable: true };
  }

  async #revoke(lease: Lease, { signal }: CallContext): Promise<void> {
    this.revocations += 1;
    if (this.revokeHangs) await untilAborted(new Promise<never>(() => undefined), signal);
    if (this.revokeError !== undefined) throw this.revokeError;
    for (const one of this.issued) if (one.lease === lease.id) one.revoked = true;
  }

  #passed(ms: number): Promise<void> {
    return new Promise((resolve) => void this.clock.setTimer(resolve, ms));
  }
}
