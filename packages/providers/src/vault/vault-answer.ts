import { SecretError } from "@tacit/core/provider";
import type { HttpAnswer } from "../shared/http/answer.ts";
import { memberSources } from "./json-source.ts";
import type { VaultAnswer, VaultAuth } from "./vault-api.ts";

/** An answer whose content is not on the object, so that printing it shows the status alone. */
export class ReadAnswer implements VaultAnswer {
  readonly status: number;
  readonly #source: string;
  readonly #body: Members;
  readonly #serverTime: number | undefined;

  /** @throws {SecretError} INTERNAL `malformed-answer` for what Vault does not write */
  constructor(answer: HttpAnswer) {
    this.status = answer.status;
    this.#source = answer.bytes().byteLength === 0 ? "{}" : answer.text().trim();
    const body = answer.bytes().byteLength === 0 ? {} : answer.json();
    // Something on the way that answers 404 as well knows nothing of the secret.
    if (!isRecord(body) || (this.status >= 400 && !isVaultError(body))) throw malformed();
    this.#body = body;
    const date = Date.parse(answer.header("date") ?? "");
    this.#serverTime = Number.isNaN(date) ? undefined : date;
  }

  get body(): Members {
    return this.#body;
  }

  get data(): unknown {
    return this.#body.data ?? null;
  }

  get leaseId(): string {
    return textOf(this.#body.lease_id);
  }

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

  get errors(): readonly string[] {
    const { errors } = this.#body;
    return Array.isArray(errors) ? errors.filter((each) => typeof each === "string") : [];
  }

  get hasData(): boolean {
    return isRecord(this.#body.data);
  }

  get hasWarnings(): boolean {
    return Array.isArray(this.#body.warnings) && this.#body.warnings.length > 0;
  }

  get serverTime(): number | undefined {
    return this.#serverTime;
  }

  fields(key?: string): ReadonlyMap<string, Uint8Array> | undefined {
    const data = memberSources(this.#source).get("data") ?? "";
    const source = key === undefined || !data.startsWith("{") ? data : (memberSources(data).get(key) ?? "");
    if (!source.startsWith("{")) return undefined;
    return new Map([...memberSources(source)].map(([name, text]) => [name, bytesOf(text)]));
  }
}

type Members = Readonly<Record<string, unknown>>;

function isRecord(value: unknown): value is Members {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Vault writes `errors`, or the envelope of a success, as for a deleted version; sys/health its own members. */
function isVaultError(body: Members): boolean {
  return Array.isArray(body.errors) || "request_id" in body || "data" in body || typeof body.sealed === "boolean";
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function secondsOf(value: unknown): number {
  return typeof value === "number" && value > 0 ? value * 1000 : 0;
}

/** A copy of its own: what Buffer makes of little lies in a pool. */
function bytesOf(source: string): Uint8Array {
  const text = source.startsWith('"') ? (JSON.parse(source) as string) : source;
  if (text.isWellFormed()) return new TextEncoder().encode(text);
  throw new SecretError("INVALID_VALUE", "a field holds half of a surrogate pair, which no UTF-8 can hold", {
    reason: "not-utf8",
    tip: "Write the value again; binary content goes into Vault as base64.",
  });
}

function malformed(): SecretError {
  return new SecretError("INTERNAL", "the answer is JSON, but none that Vault writes", {
    reason: "malformed-answer",
    tip: "Check that the URL leads to Vault, and what stands before it.",
  });
}
