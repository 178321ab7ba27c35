/** One request, as an engine of the double sees it. */
export interface EngineCall {
  readonly method: string;
  /** Below `/v1/`, decoded. */
  readonly path: string;
  readonly body: Readonly<Record<string, unknown>>;
  readonly token: string;
}

/** What an engine says: members of the envelope, or `errors`. */
export interface EngineReply {
  readonly status: number;
  readonly body?: Readonly<Record<string, unknown>>;
}

/** A success with `data`, and perhaps a lease. */
export function replied(data: unknown, members: Readonly<Record<string, unknown>> = {}): EngineReply {
  const envelope = { request_id: "fixture", lease_id: "", renewable: false, lease_duration: 0 };
  return { status: 200, body: { ...envelope, wrap_info: null, warnings: null, auth: null, ...members, data } };
}

/** A refusal. Vault's own words come first; then it quotes what was sent, as some of its errors do. */
export function refusedWith(status: number, words: string, { body }: Pick<EngineCall, "body">): EngineReply {
  return { status, body: { errors: [`${words}`, `quoted: ${JSON.stringify(body)} s3cret-fixture-of-an-error`] } };
}
