import { createSecrets } from "@tacit/core";
import { adapters } from "@tacit/providers";
import { declarePayments, type PaymentSecrets, type Probe } from "./payments.ts";

/** Starts the client of the process; the caller closes it. */
export async function start(probe: Probe): Promise<PaymentSecrets> {
  const secrets = createSecrets({ adapters, declare: declarePayments(probe) });
  await secrets.ready(); // rejects with every problem at once
  return secrets;
}
