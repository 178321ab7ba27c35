import { createSecrets } from "@tacit/core";
import { adapters } from "@tacit/providers";
import { declarePayments, type PaymentSecrets, type Probe } from "./payments.ts";

/** The client of the whole process; whoever starts it closes it. */
export async function start(probe: Probe): Promise<PaymentSecrets> {
  const secrets = createSecrets({ adapters, declare: declarePayments(probe) });
  await secrets.ready(); // rejects with every problem at once
  return secrets;
}
