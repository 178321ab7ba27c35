import { declareSecrets, object, type SecretsOf } from "@tacit/core";

/** Asks the payment service whether it accepts a key, without making a payment. */
export type Probe = (key: string, signal: AbortSignal) => Promise<boolean>;

/** Declares the key of the payment service; a new key is used only after the service has accepted it. */
export function declarePayments(probe: Probe) {
  return declareSecrets({
    payments: {
      ref: "payments/api",
      as: object(["id", "key"]),
      accept: (next, _previous, signal) => probe(next.reveal().key, signal),
    },
  });
}

/** The client with these declarations. */
export type PaymentSecrets = SecretsOf<ReturnType<typeof declarePayments>>;

/** Calls the payment service with the current key, and retries once with a newer key if it was refused. */
export function pay(secrets: PaymentSecrets, call: (key: string) => Promise<string>): Promise<string> {
  return secrets.use("payments", (secret) => call(secret.reveal().key), {
    rejected: (error) => error instanceof Error && error.message === "401",
  });
}
