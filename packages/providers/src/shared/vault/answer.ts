import { jsonMembers, SecretError } from "@tacit/core/provider";
import type { HttpAnswer } from "../http/answer.ts";
import { jsonObjectFields } from "../json-content.ts";

/** A login, as `auth` of an answer tells it. */
export interface VaultAuth {
  readonly clientToken: string;
  /** 0: it never ends. */
  readonly durationMs: number;
  readonly renewable: boolean;
  readonly tokenType: "service" | "batch" | (string & {});
  /** How many requests it is good for; 0: any number. */
  readonly numUses: number;
  readonly mfaRequired: boolean;
  /** Of a token that can be renewed for ever; 0 or absent: it has a maximum. */
  readonly periodMs?: number | undefined;
}

/** One answer of Vault. Its content is not on the object, so that printing it shows the status alone. */
export class VaultAnswer {
  readonly status: number;
  readonly #source: string;
  readonly #body: Members;
  readonly #serverTime: number | undefined;

  /** @throws {SecretError} INTERNAL `malformed-answer` for what Vault does not write */
  constructor(answer: HttpAnswer) {
    this.status = answer.status;
    const isEmpty = answer.bytes().byteLength === 0;
    this.#source = isEmpty ? "{}" : answer.text().trim();
    if (this.status === 400 && plainHttp.test(this.#source))
      throw malformed("It speaks TLS: write https in `url` or VAULT_ADDR.");
    const body = isEmpty ? {} : answer.json();
    // Vault says with a 204 or a 202 that it has nothing to say.
    if (isEmpty && this.status === 200) throw malformed();
    // Something on the way that answers 404 as well knows nothing of the secret.
    if (!isRecord(body) || !isOfVault(body, this.status)) throw malformed();
    this.#body = body;
    this.#serverTime = answer.serverTime;
  }

  /** Everything that was answered; `sys/health` has no envelope. Never to be shown. */
  get body(): Members {
    return this.#body;
  }

  /** The envelope's `data`; null where there is none. Large integers in it have lost digits: see `fields`. */
  get data(): unknown {
    return this.#body.data ?? null;
  }

  /** Empty where nothing is leased. */
  get leaseId(): string {
    return textOf(this.#body.lease_id);
  }

  /** 0 where there is none. */
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

  /** Never to be shown: Vault quotes parameters in them. */
  get errors(): readonly string[] {
    const { errors } = this.#body;
    return Array.isArray(errors) ? errors.filter((each) => typeof each === "string") : [];
  }

  /** Whether `data` is an object, also under a status such as 404. */
  get hasData(): boolean {
    return isRecord(this.#body.data);
  }

  /** Whether Vault answers with a token for what was asked for, in its place. */
  get isWrapped(): boolean {
    return isRecord(this.#body.wrap_info);
  }

  /** Whether Vault had something to remark. */
  get hasWarnings(): boolean {
    return Array.isArray(this.#body.warnings) && this.#body.warnings.length > 0;
  }

  /** Wall time of the Date header, in milliseconds since the epoch. */
  get serverTime(): number | undefined {
    return this.#serverTime;
  }

  /**
   * Returns the members of `data`, or of the object under one key of it, as a payload holds them: the bytes of a text, of
   * anything else its JSON exactly as it is written; null is no value, so its field is missing. Undefined where there is no object.
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

/** Vault writes `errors`, or the envelope of a success, as for a deleted version; sys/health its own members. */
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

/** What Go's TLS listeners say, of Vault's too: the commonest mistake with VAULT_ADDR. */
const plainHttp = /HTTP request to an HTTPS server/i;

function malformed(tip = "Check that the URL leads to Vault, and check any proxy in front of it."): SecretError {
  return new SecretError("INTERNAL", "the response is not in a form that Vault sends", {
    reason: "malformed-answer",
    tip,
  });
}
