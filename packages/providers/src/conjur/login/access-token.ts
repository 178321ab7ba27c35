import { SecretError } from "@tacit/core/provider";

/** An access token of Conjur, as a request carries it. */
export interface AccessToken {
  /** The base64 of its JSON. */
  readonly token: string;
  /** How long it lives from the moment that the server gave it out. */
  readonly lifeMs: number;
}

/**
 * Reads an access token. Its life is told by the server's own clock, so that this machine's need not be right.
 * @param text `{"protected", "payload", "signature"}`
 * @param serverTime when it was given out, by the server's clock; by default when it was made
 * @throws {SecretError} UNAUTHENTICATED `credential-malformed`
 */
export function parseAccessToken(text: string, serverTime?: number): AccessToken {
  const payload = payloadOf(text);
  if (payload === undefined) throw malformed();
  const { iat, exp } = payload;
  const issuedAt = typeof iat === "number" ? iat * 1000 : (serverTime ?? 0);
  const endsAt = typeof exp === "number" ? exp * 1000 : issuedAt + defaultLifeMs;
  const token = Buffer.from(text.trim()).toString("base64");
  return { token, lifeMs: Math.max(0, endsAt - (serverTime ?? issuedAt)) };
}

/** Conjur's own default, for tokens that do not say their end. */
const defaultLifeMs = 480_000;

function payloadOf(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const parsed = JSON.parse(text) as Readonly<Record<string, unknown>>;
    const { protected: header, payload, signature } = parsed;
    if (![header, payload, signature].every((part) => typeof part === "string" && part !== "")) return undefined;
    return Object(JSON.parse(Buffer.from(String(payload), "base64").toString())) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}

function malformed(): SecretError {
  return new SecretError("UNAUTHENTICATED", "the access token of Conjur is malformed", {
    reason: "credential-malformed",
    tip: "It must be the JSON with protected, payload and signature, not its base64 and not an API key.",
  });
}
