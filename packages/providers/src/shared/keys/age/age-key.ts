import type { ProviderHost } from "@tacit/core/provider";
import { SecretError } from "@tacit/core/provider";
import type { KeyService } from "../key-service.ts";
import { keyText } from "../key-text.ts";
import type { AgeKeyOptions } from "../options.ts";
import { decryptAge, encryptAge } from "./age-file.ts";
import { ageIdentities } from "./identities.ts";

/** Creates the key service of an age identity or passphrase. Performs no I/O. */
export function createAgeKey(
  options: AgeKeyOptions,
  host: Pick<ProviderHost, "credential" | "protect" | "name">,
): KeyService<"age"> {
  const identities = ageIdentities(options, host);
  return {
    use: "age",
    unwrap: async ({ file }) => decryptAge(Buffer.from(file, "latin1"), await identities()),
    async wrap(dataKey) {
      const file = await encryptAge(dataKey, async (encrypter, { identityToRecipient }) => {
        if (options.passphrase !== undefined) {
          const { passphraseRecipient } = await import("./passphrase-identity.ts");
          encrypter.addRecipient(passphraseRecipient(await keyText(options.passphrase, "age passphrase", host)));
          return;
        }
        const [first] = await identities();
        if (typeof first !== "string")
          throw new SecretError("UNSUPPORTED", "an SSH key can only decrypt", {
            reason: "wrap",
            tip: "Put an identity of age-keygen first.",
          });
        encrypter.addRecipient(await identityToRecipient(first));
      });
      return { use: "age", file };
    },
    diagnose: async () => (await import("./findings.ts")).identityFindings([identities]),
  };
}
