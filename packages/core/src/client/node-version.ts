import { SecretError } from "../error/secret-error.ts";

/** `engines.node` of the packages, for which npm only prints a warning. */
const oldest = { major: 22, minor: 13 };

/**
 * Checks that Node is recent enough, since the client would otherwise fail with unclear errors.
 * @throws {SecretError} UNSUPPORTED `node-version`
 */
export function assertNodeVersion(version: string = process.versions.node): void {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  if (major > oldest.major || (major === oldest.major && minor >= oldest.minor)) return;
  throw new SecretError(
    "UNSUPPORTED",
    `Tacit needs Node ${oldest.major}.${oldest.minor} or later; this is ${version}`,
    {
      reason: "node-version",
      tip: "Start the process with a newer Node.",
    },
  );
}
