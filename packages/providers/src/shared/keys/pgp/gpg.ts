import { spawn } from "node:child_process";
import { type CallContext, SecretError, untilAborted } from "@tacit/core/provider";
import { keyFormatError, tamperedError } from "../errors.ts";
import type { PgpOpener } from "./pgp-message.ts";

/** Where GnuPG is. */
export interface Gpg {
  /** An absolute path: nothing is looked up. */
  readonly program: string;
  /** Its folder of keys; by default GNUPGHOME, or ~/.gnupg. */
  readonly home?: string | undefined;
}

/** Opens messages with the `gpg` program, which asks its agent for passphrases and never a network. */
export function createGpg(gpg: Gpg): PgpOpener {
  return async ({ message, signed }, context) => {
    const { status, output, code } = await run(gpg, message, context);
    const says = (word: string): boolean => new RegExp(`^\\[GNUPG:\\] ${word}\\b`, "m").test(status);
    if (/^\[GNUPG:\] (?:ERROR pkdecrypt_failed|BAD_PASSPHRASE|MISSING_PASSPHRASE)/m.test(status))
      throw keyFormatError(
        "key of gpg",
        "stays locked",
        "Give the passphrase to its agent (gpg-preset-passphrase), or use a key without one.",
      );
    // Not every version says NO_SECKEY.
    if (says("ENC_TO") && !says("DECRYPTION_KEY") && !says("DECRYPTION_OKAY")) return undefined;
    // GOODMDC and DECRYPTION_OKAY say that the message is whole; a bad signature makes the program fail.
    if (code !== 0 || !says("DECRYPTION_OKAY")) throw tamperedError("has a PGP message that gpg cannot decrypt");
    if (signed && !(says("GOODSIG") && says("VALIDSIG")))
      throw tamperedError("has a PGP message without a valid signature of a known key");
    return output;
  };
}

/** A data key has 32 bytes; what gpg says of a message is short. */
const mostBytes = 64 * 1024;

async function run(
  { program, home }: Gpg,
  message: string,
  { signal }: CallContext,
): Promise<{ readonly status: string; readonly output: Uint8Array; readonly code: number | null }> {
  const gpg = spawn(
    program,
    [
      ...(home === undefined ? [] : ["--homedir", home]),
      ...["--batch", "--no-tty", "--quiet", "--no-auto-key-retrieve", "--no-auto-key-locate", "--disable-dirmngr"],
      ...["--status-fd", "2", "--decrypt"],
    ],
    { stdio: ["pipe", "pipe", "pipe"] },
  );
  const [output, status] = [[] as Buffer[], [] as Buffer[]];
  const collect = (into: Buffer[]) => (chunk: Buffer) => {
    into.push(chunk);
    if (Buffer.concat(into).length > mostBytes) gpg.kill("SIGKILL");
  };
  gpg.stdout.on("data", collect(output));
  gpg.stderr.on("data", collect(status));
  // It may end before it has read everything.
  gpg.stdin.on("error", () => undefined);
  gpg.stdin.end(message);
  const ended = new Promise<number | null>((resolve, reject) => {
    gpg.on("error", () => reject(notStarted())).on("close", resolve);
  });
  try {
    const code = await untilAborted(ended, signal);
    return { status: Buffer.concat(status).toString(), output: new Uint8Array(Buffer.concat(output)), code };
  } finally {
    if (gpg.exitCode === null) gpg.kill("SIGKILL");
  }
}

function notStarted(): SecretError {
  return new SecretError("INVALID_CONFIG", "the gpg program cannot be started", {
    reason: "gpg",
    tip: 'Set "gpg" to the absolute path of GnuPG 2, or set `key` and install openpgp.',
  });
}
