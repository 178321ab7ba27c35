import type { Adapter } from "@tacit/core/provider";
import { keyCredentials } from "../shared/keys/key-credentials.ts";
import type { AgeKeyOptions } from "../shared/keys/options.ts";
import type { AgeOptions } from "./options.ts";
import { openAgeProvider } from "./provider.ts";

/** Reads files encrypted with age: `secrets.json.age` as fields, `token.age` as a value; X25519, post-quantum, SSH keys, passphrases. */
export const age: Adapter<AgeOptions> = {
  name: "age",
  options: async () => (await import("./options.ts")).ageOptions,
  credentials: keyCredentials,
  toPath: (name) => name,
  open: (options, host) => openAgeProvider(options, host),
};

export type { AgeKeyOptions, AgeOptions };
