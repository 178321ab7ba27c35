import type { DoubleAnswer } from "../../http-double.ts";
import { DatabaseDouble } from "./database.ts";
import { type EngineCall, replied } from "./engine-call.ts";
import { DoubleLeases } from "./leases.ts";
import { PkiDouble } from "./pki.ts";
import { TransitDouble } from "./transit.ts";
import { WrappingDouble } from "./wrapping.ts";

/** The engines beyond KV, and what they lease. */
export class EnginesDouble {
  readonly leases: DoubleLeases;
  readonly database: DatabaseDouble;
  readonly pki: PkiDouble;
  readonly transit: TransitDouble = new TransitDouble();
  readonly wrapping: WrappingDouble = new WrappingDouble();
  /** `token path` -> data: each token has a cubbyhole of its own */
  readonly cubbyholes: Map<string, object> = new Map();
  /** path -> what any other engine answers */
  readonly others: Map<string, (call: EngineCall) => DoubleAnswer> = new Map();

  /** @param now wall time in milliseconds */
  constructor(now: () => number) {
    this.leases = new DoubleLeases(now);
    this.database = new DatabaseDouble(this.leases);
    this.pki = new PkiDouble(this.leases, now);
  }

  /** Undefined for what is none of theirs. */
  async answer(call: EngineCall): Promise<DoubleAnswer | undefined> {
    return this.handle(call) ?? (await this.pki.answer(call));
  }

  /** All but certificates, which take a moment to make. */
  handle(call: EngineCall): DoubleAnswer | undefined {
    for (const part of [this.wrapping, this.leases, this.database, this.transit]) {
      const reply = part.answer(call);
      if (reply !== undefined) return reply;
    }
    if (call.path.startsWith("cubbyhole/")) return this.#cubbyhole(call);
    return this.others.get(call.path)?.(call);
  }

  #cubbyhole({ token, path }: EngineCall): DoubleAnswer {
    const data = this.cubbyholes.get(`${token} ${path}`);
    return data === undefined ? { status: 404, body: { errors: [] } } : replied(data);
  }
}
