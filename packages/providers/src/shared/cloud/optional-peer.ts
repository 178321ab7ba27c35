import { SecretError } from "@tacit/core/provider";

/**
 * Returns the error of an optional package that cannot be loaded. The caller must put the `import()` in a `try` block: a bundler
 * that does not find the package keeps such a call, and fails for any other.
 * @param name the argument of `npm install`: `@azure/identity@4`
 */
export function missingPeer(name: string, cause: unknown): SecretError {
  return new SecretError("INVALID_CONFIG", `${name}, which this login needs, cannot be loaded`, {
    reason: "sdk-missing",
    tip: `npm install ${name}`,
    cause,
  });
}
