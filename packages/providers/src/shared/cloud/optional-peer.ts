import { SecretError } from "@tacit/core/provider";

/**
 * Makes the error of an optional package that did not load. The `import()` itself has to stand in a `try` block where it is
 * called: a bundler that does not find the package leaves such a call in, and stops at any other.
 * @param name as npm knows it, with a version: `@azure/identity@4`
 */
export function missingPeer(name: string, cause: unknown): SecretError {
  return new SecretError("INVALID_CONFIG", `${name}, which this login needs, cannot be loaded`, {
    reason: "sdk-missing",
    tip: `npm install ${name}`,
    cause,
  });
}
