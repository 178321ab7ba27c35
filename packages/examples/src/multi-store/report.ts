import { declareSecrets, type SecretsOf } from "@tacit/core";

/** What the application needs; the document beside this file says where it is. */
export const declared = declareSecrets({
  partner: { ref: "partner/token" },
  stripe: { ref: "stripe/key" },
});

/** Which store serves each secret, and whether that is a fallback. */
export function whereSecretsAre(secrets: SecretsOf<typeof declared>): readonly string[] {
  return secrets.health().secrets.map(({ reference, provider, fallback }) => {
    return `${reference}: ${provider}${fallback === true ? ", a fallback" : ""}`;
  });
}
