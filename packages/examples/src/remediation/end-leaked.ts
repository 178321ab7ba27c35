import { declareSecrets, type SecretsOf } from "@tacit/core";

export const declared = declareSecrets({ webhook: { ref: "webhook/key", overlap: "15m" } });

/**
 * Ends a leaked key in this process. `drop` means what is held at that moment, so it must not be called once the next value
 * has arrived: that one would be refused from then on.
 */
export function endLeaked(secrets: SecretsOf<typeof declared>, leaked: string): "dropped" | "overlapping" | "replaced" {
  const [current, previous] = secrets.accepted("webhook");
  if (current?.equals(leaked)) {
    secrets.invalidate("webhook", { drop: true });
    return "dropped";
  }
  return previous?.equals(leaked) ? "overlapping" : "replaced";
}
