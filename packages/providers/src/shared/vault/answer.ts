import { jsonMembers, SecretError } from "@tacit/core/provider";
import type { HttpAnswer } from "../http/answer.ts";
import { jsonObjectFields } from "../json-content.ts";

/** The result of a login: the member `auth` of a response. */
export interface VaultAuth {
  readonly clientToken: string;
  /** The lifetime; 0 if the token never expires. */
  readonly durationMs: number;
  readonly renewable: boolean;
  readonly tokenType: "service" | "batch" | (string & {});
  /** The number of requests that the token allows; 0 for any number. */
  readonly numUses: number;
  readonly mfaRequired: boolean;
  /** The period of a token that can be renewed for ever; 0 or undefined for a token with a maximum lifetime. */
  readonly periodMs?: number | undefined;
}

/** A response of Vault. Its content is private, so that printing it shows only the status. */
export class VaultAnswer {
  readonly status: number;
  readonly #source: string;
  readonly #body: Members;
  readonly #serverTime: number | undefined;

  /** @throws {SecretError} INTERNAL `malformed-answer` if Vault has not written the response */
  constructor(answer: HttpAnswer) {
    this.status = answer.status;
    const isEmpty = answer.bytes().byteLength === 0;
    this.#source = isEmpty ? "{}" : answer.text().trim();
    if (this.status === 400 && plainHttp.test(this.#source))
      throw malformed("It speaks TLS: write https in `url` or VAULT_ADDR.");
    const body = isEmpty ? {} : answer.json();
    // Vault sends an empty body only with another status, such as 204 or 202.
    if (isEmpty && this.status === 200) throw malformed();
    // A 404 of a proxy does not mean that the secret is missing.
    if (!isRecord(body) || !isOfVault(body, this.status)) throw malformed();
    this.#body = body;
    this.#serverTime = answer.serverTime;
  }

  /** The whole body, for `sys/health`, which has no envelope. Must not appear in messages. */
  get body(): Members {
    return this.#body;
  }

  /** The member `data`; null if there is none. Large integers in it have lost digits; see `fields`. */
  get data(): unknown {
    return this.#body.data ?? null;
  }

  /** The id of the lease; empty if there is none. */
  get leaseId(): string {
    return textOf(this.#body.lease_id);
  }

  /** The duration of the lease; 0 if there is none. */
  get leaseDurationMs(): number {
    return secondsOf(this.#body.lease_duration);
  }

  get renewable(): boolean {
    return this.#body.renewable === true;
  }

  get auth(): VaultAuth | undefined {
    const { auth } = this.#body;
    if (!isRecord(auth)) return undefined;
    const mfaRequired = isRecord(auth.mfa_requirement);
    const clientToken = textOf(auth.client_token);
    if (clientToken === "" && !mfaRequired) return undefined;
    return {
      clientToken,
      durationMs: secondsOf(auth.lease_duration),
      renewable: auth.renewable === true,
      tokenType: textOf(auth.token_type) || "service",
      numUses: typeof auth.num_uses === "number" ? auth.num_uses : 0,
      mfaRequired,
    };
  }

  /** The error messages of Vault. They must not appear in ours, since they may quote parameters. */
  get errors(): readonly string[] {
    const { errors } = this.#body;
    return Array.isArray(errors) ? errors.filter((each) => typeof each === "string") : [];
  }

  /** Whether `data` is an object, which is possible even with a status such as 404. */
  get hasData(): boolean {
    return isRecord(this.#body.data);
  }

  /** Whether the response contains a wrapping token instead of the requested data. */
  get isWrapped(): boolean {
    return isRecord(this.#body.wrap_info);
  }

  /** Whether the response has warnings. */
  get hasWarnings(): boolean {
    return Array.isArray(this.#body.warnings) && this.#body.warnings.length > 0;
  }

  /** The time of the Date header, in milliseconds since the epoch. */
  get serverTime(): number | undefined {
    return this.#serverTime;
  }

  /**
   * Returns the members of `data`, or of the object at one of its keys, as fields: the text of strings, the unchanged JSON text of
   * all other values; members that are null are left out. Returns undefined if there is no object.
   */
  fields(key?: string): ReadonlyMap<string, Uint8Array> | undefined {
    const data = jsonMembers(this.#source).get("data")?.source ?? "";
    const source = key === undefined || !data.startsWith("{") ? data : (jsonMembers(data).get(key)?.source ?? "");
    if (!source.startsWith("{")) return undefined;
    return jsonObjectFields(source);
  }
}

type Members = Readonly<Record<string, unknown>>;

function isRecord(value: unknown): value is Members {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Returns whether Vault has written a body: one with `errors`, with the envelope of a success, or with the members of sys/health. */
function isOfVault(body: Members, status: number): boolean {
  if (Array.isArray(body.errors) || typeof body.sealed === "boolean") return true;
  const isSuccess = status < 400 && (Object.keys(body).length === 0 || "auth" in body);
  return isSuccess || "request_id" in body || "data" in body;
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function secondsOf(value: unknown): number {
  return typeof value === "number" && value > 0 ? value * 1000 : 0;
}

/** The message of a TLS listener in Go for a plain HTTP request, the most common mistake with VAULT_ADDR. */
const plainHttp = /HTTP request to an HTTPS server/i;

function malformed(tip = "Check that the URL leads to Vault, and check any proxy in front of it."): SecretError {
  return new SecretError("INTERNAL", "the response is not in a form that Vault sends", {
    reason: "malformed-answer",
    tip,
  });
}
