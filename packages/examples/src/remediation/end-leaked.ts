import { declareSecrets, type SecretsOf } from "@tacit/core";

export const declared = declareSecrets({ webhook: { ref: "webhook/key", overlap: "15m" } });

/** Ends a leaked key in this process, whether it is the current key or the previous one in its overlap. May be repeated. */
export function endLeaked(secrets: SecretsOf<typeof declared>, leaked: string): "dropped" | "replaced" {
  const held = secrets.accepted("webhook").find((key) => key.equals(leaked));
  if (held === undefined) return "replaced";
  secrets.invalidate("webhook", { drop: held });
  return "dropped";
}
