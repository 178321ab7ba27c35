import { SecretError } from "../error/secret-error.ts";
import type { Emit } from "../events/events.ts";
import type { ConfiguredProvider } from "../provider/configured-provider.ts";
import type { Outcome, Payload } from "../source/source.ts";
import type { EntryContext } from "../source/store-context.ts";
import type { Scheduler } from "../time/scheduler.ts";
import { Flight, type FlightMode } from "../time/single-flight.ts";
import { type LoanHost, Loans } from "./loans.ts";

/** An answer that is no failure. */
export type Good = Exclude<Outcome, { readonly kind: "failed" }>;

/** What an entry does where its store lends: it asks for another value only when one is needed, and gives back what is not. */
export abstract class Lending extends Flight<Outcome> implements LoanHost {
  abstract readonly provider: ConfiguredProvider;
  abstract readonly path: string;
  abstract outcome: Outcome | undefined;
  /** Only where the store lends, since there is one entry per secret. */
  protected loans: Loans | undefined;
  protected readonly context: EntryContext;

  constructor(context: EntryContext) {
    super();
    this.context = context;
  }

  abstract get isKept(): boolean;
  abstract prolong(payload: Payload): void;
  abstract forget(): void;

  get scheduler(): Scheduler {
    return this.context.scheduler;
  }

  get emit(): Emit {
    return this.context.emit;
  }

  track(work: Promise<void>): void {
    this.context.track(work);
  }

  /** Whether anything must be given back. */
  get isLent(): boolean {
    return this.loans?.isOpen === true;
  }

  replace(): void {
    void this.fly("replace");
  }

  /** Ends every loan; the next read asks for another value. Never rejects. */
  async giveBack(): Promise<void> {
    if (this.loans === undefined) return;
    const ending = this.loans.giveBack();
    this.forget();
    await ending;
  }

  /** Known once the provider is open. */
  protected isLending(): boolean {
    return this.loans !== undefined || this.provider.leases.isDynamic(this.path);
  }

  /** What stands where asking would make another credential that nobody needs, or make them too fast. */
  protected settledByLoan(mode: FlightMode): Outcome | undefined {
    const { loans, outcome } = this;
    if (loans === undefined || (loans.untilMintMs <= 0 && (mode === "replace" || !loans.stands))) return undefined;
    return loans.stands && outcome !== undefined ? outcome : tooSoon(this, loans.untilMintMs);
  }

  protected lend(outcome: Good): void {
    if (outcome.kind === "ok" && (outcome.lease !== undefined || this.isLending())) {
      this.loans ??= new Loans(this);
      this.loans.take(outcome);
    } else this.loans?.end();
  }
}

function tooSoon({ provider }: Lending, retryAfterMs: number): Outcome {
  const message = `provider "${provider.name}" made this credential less than 10 s ago, and it is gone already`;
  const options = {
    provider: provider.name,
    reason: "mint-budget",
    retryAfterMs,
    tip: "Have the store lend it for longer.",
  };
  return { kind: "failed", error: new SecretError("UNAVAILABLE", message, options) };
}
