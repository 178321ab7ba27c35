import { SecretError } from "@tacit/core/provider";

/**
 * Loads an optional package when it is first needed.
 * @param name as npm knows it, with a version: `@smithy/signature-v4@5`
 * @throws {SecretError} INVALID_CONFIG `sdk-missing`
 */
export async function importPeer<T>(name: string, load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (cause) {
    throw new SecretError("INVALID_CONFIG", `${name}, which this login needs, cannot be loaded`, {
      reason: "sdk-missing",
      tip: `npm install ${name}`,
      cause,
    });
  }
}
