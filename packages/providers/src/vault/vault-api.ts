import type { CallContext } from "@tacit/core/provider";

/** One call of Vault's HTTP API. */
export interface VaultRequest {
  /** Default GET. */
  readonly method?: "GET" | "POST" | "PUT" | "PATCH" | "DELETE" | undefined;
  /** Below `/v1/`, without a slash at its start: `{+mount}/data/{+path}`. Errors show it as it is. */
  readonly path: string;
  /** What `{name}` (one segment) and `{+name}` (several) stand for, not encoded. */
  readonly values?: Readonly<Record<string, string | number | boolean | undefined>> | undefined;
  /** Never shown. Undefined values are left out. */
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>> | undefined;
  /** Never shown. */
  readonly json?: unknown;
  /** Beside those that every call has. Never shown. */
  readonly headers?: Readonly<Record<string, string | undefined>> | undefined;
  /** Statuses beside 2xx that are answered, not thrown. */
  readonly accept?: readonly number[] | undefined;
  /** Goes without a namespace, as `sys/health` must. Default: the configured one is sent. */
  readonly root?: boolean | undefined;
}

/** What Vault answered. Printing one shows its status alone. */
export interface VaultAnswer {
  readonly status: number;
  /** The envelope's `data`; null where there is none. Large integers in it have lost digits: see `fields`. */
  readonly data: unknown;
  /** Empty where nothing is leased. */
  readonly leaseId: string;
  /** 0 where there is none. */
  readonly leaseDurationMs: number;
  readonly renewable: boolean;
  readonly auth: VaultAuth | undefined;
  /** Never to be shown: Vault quotes parameters in them. */
  readonly errors: readonly string[];
  /** Everything that was answered; `sys/health` has no envelope. Never to be shown. */
  readonly body: Readonly<Record<string, unknown>>;
  /** Whether `data` is an object, also under a status such as 404. */
  readonly hasData: boolean;
  /** Whether Vault had something to remark. */
  readonly hasWarnings: boolean;
  /** Wall time of the Date header, in milliseconds since the epoch. */
  readonly serverTime: number | undefined;
  /**
   * The members of `data`, or of the object under one key of it, as a payload holds them: the bytes of a text, of anything
   * else its JSON exactly as it is written. Undefined where there is no object.
   */
  fields(key?: string): ReadonlyMap<string, Uint8Array> | undefined;
}

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

/** Vault's HTTP API, without a login. It follows redirects to allow-listed hosts, and waits for an index that a node lacks. */
export interface VaultApi {
  /**
   * Sends one request.
   * @throws {SecretError} PERMISSION_DENIED (403), THROTTLED (429), UNAVAILABLE (sealed, standby, 5xx, network), INVALID_CONFIG,
   * INTERNAL (the rest), CLOSED. No error holds a token, a parameter or a body.
   */
  call(request: VaultRequest, options: CallContext & { readonly token?: string | undefined }): Promise<VaultAnswer>;
  /** Ends all calls with CLOSED; idempotent. */
  close(): Promise<void>;
}
