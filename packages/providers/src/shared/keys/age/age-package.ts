import { missingPeer } from "../../cloud/optional-peer.ts";
import { loadOnce } from "../../load-once.ts";

/** The exports of the optional package. */
export type Age = typeof import("age-encryption");

/**
 * Loads the optional package. Bundlers tolerate a missing package only if its `import()` is in a `try` block, so this is the
 * only one.
 * @throws {SecretError} INVALID_CONFIG `sdk-missing` if the package is not installed
 */
export const importAge: () => Promise<Age> = loadOnce(async () => {
  try {
    return await import("age-encryption");
  } catch (cause) {
    throw missingPeer("age-encryption@0.3", cause);
  }
});
