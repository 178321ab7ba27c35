import { missingPeer } from "../../cloud/optional-peer.ts";
import { loadOnce } from "../../load-once.ts";

/** What the optional package exports. */
export type Age = typeof import("age-encryption");

/**
 * Loads the optional package that knows the format. Nobody else imports it: bundlers tolerate a package that is not
 * installed only where its `import()` stands in a `try`.
 * @throws {SecretError} INVALID_CONFIG `sdk-missing` where it is not installed
 */
export const importAge: () => Promise<Age> = loadOnce(async () => {
  try {
    return await import("age-encryption");
  } catch (cause) {
    throw missingPeer("age-encryption@0.3", cause);
  }
});
