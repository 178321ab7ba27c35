import { declareSecrets, object, type SecretsOf } from "@tacit/core";

/** What the payment service answers to a key: whether it works, without paying anything. */
export type Probe = (key: string, signal: AbortSignal) => Promise<boolean>;

/** Declares the key of the payment service; a new one is used only once the service has said that it works. */
export function declarePayments(probe: Probe) {
  return declareSecrets({
    payments: {
      ref: "payments/api",
      as: object(["id", "key"]),
      accept: (next, _previous, signal) => probe(next.reveal().key, signal),
    },
  });
}

/** The client of the service that pays. */
export type PaymentSecrets = SecretsOf<ReturnType<typeof declarePayments>>;

/** Calls the payment service with the key of this moment, and once more with a newer one where that was refused. */
export function pay(secrets: PaymentSecrets, call: (key: string) => Promise<string>): Promise<string> {
  return secrets.use("payments", (secret) => call(secret.reveal().key), {
    rejected: (error) => error instanceof Error && error.message === "401",
  });
}
