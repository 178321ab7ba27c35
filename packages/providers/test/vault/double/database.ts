import type { DoubleAnswer } from "../../http-double.ts";
import { type EngineCall, refusedWith, replied } from "./engine-call.ts";
import type { DoubleLeases, LeaseTerms } from "./leases.ts";

/** A role whose reads make users. */
export interface DynamicRole extends LeaseTerms {
  /** What a read answers beside `username`. Default: a password. */
  readonly extra?: Readonly<Record<string, string>>;
}

/** Users that are made and leased, and users whose password is rotated. */
export class DatabaseDouble {
  readonly roles: Map<string, DynamicRole> = new Map();
  /** role -> the whole of `data` */
  readonly staticRoles: Map<string, Readonly<Record<string, unknown>>> = new Map();
  /** Those that can log in to the database now. */
  readonly users: Map<string, string> = new Map();
  /** How many were ever made. */
  made = 0;
  readonly #leases: DoubleLeases;

  constructor(leases: DoubleLeases) {
    this.#leases = leases;
  }

  answer(call: EngineCall): DoubleAnswer | undefined {
    const [, type, name = ""] = /^database\/(creds|static-creds)\/([^/]+)$/.exec(call.path) ?? [];
    if (type === undefined || call.method !== "GET") return undefined;
    if (type === "creds") return this.#make(call, name);
    const data = this.staticRoles.get(name);
    return data === undefined ? refusedWith(400, `unknown role: ${name}`, call) : replied(data);
  }

  #make(call: EngineCall, name: string): DoubleAnswer {
    const role = this.roles.get(name);
    if (role === undefined) return refusedWith(400, `unknown role: ${name}`, call);
    const [username, password] = [`v-${name}-${++this.made}`, `s3cret-fixture-password-${this.made}`];
    this.users.set(username, password);
    const lease = this.#leases.begin(call, role, () => this.users.delete(username));
    return replied({ username, ...(role.extra ?? { password }) }, lease);
  }
}
