import { type CallContext, isSecretError, type ProviderHost, SecretError } from "@tacit/core/provider";
import { type ProgramResult, runProgram } from "../../program.ts";
import { keyFormatError, tamperedError } from "../errors.ts";
import type { PgpOpener } from "./pgp-message.ts";

/** The location of GnuPG. */
export interface Gpg {
  /** The absolute path of the program, which is not searched on PATH. */
  readonly program: string;
  /** The home directory of GnuPG. Default: GNUPGHOME, else ~/.gnupg. */
  readonly home?: string | undefined;
}

/** Creates a function that decrypts messages with the `gpg` program, whose agent provides passphrases, without network access. */
export function createGpg(gpg: Gpg, clock: ProviderHost["clock"]): PgpOpener {
  return async ({ message, signed }, context) => {
    const { errorOutput, output, code } = await run(gpg, message, context, clock);
    const status = Buffer.from(errorOutput).toString();
    const says = (word: string): boolean => new RegExp(`^\\[GNUPG:\\] ${word}\\b`, "m").test(status);
    if (/^\[GNUPG:\] (?:ERROR pkdecrypt_failed|BAD_PASSPHRASE|MISSING_PASSPHRASE)/m.test(status))
      throw keyFormatError(
        "key of gpg",
        "stays locked",
        "Give the passphrase to its agent (gpg-preset-passphrase), or use a key without one.",
      );
    // Some versions do not report NO_SECKEY.
    if (says("ENC_TO") && !says("DECRYPTION_KEY") && !says("DECRYPTION_OKAY")) return undefined;
    // DECRYPTION_OKAY confirms the integrity of the message; with a bad signature, the program fails.
    if (code !== 0 || !says("DECRYPTION_OKAY")) throw tamperedError("has a PGP message that gpg cannot decrypt");
    if (signed && !(says("GOODSIG") && says("VALIDSIG")))
      throw tamperedError("has a PGP message without a valid signature of a known key");
    return output;
  };
}

/** Far above a data key of 32 bytes and the status lines of gpg. */
const maxBytes = 64 * 1024;

function run(
  { program, home }: Gpg,
  message: string,
  { signal }: CallContext,
  clock: ProviderHost["clock"],
): Promise<ProgramResult> {
  const args = [
    ...(home === undefined ? [] : ["--homedir", home]),
    ...["--batch", "--no-tty", "--quiet", "--no-auto-key-retrieve", "--no-auto-key-locate", "--disable-dirmngr"],
    ...["--status-fd", "2", "--decrypt"],
  ];
  const call = { command: program, args, input: message, maxBytes, name: `the gpg program ${JSON.stringify(program)}` };
  return runProgram(call, { clock, signal }).catch((error: unknown) => {
    if (isSecretError(error) || signal.aborted) throw error;
    throw notStarted();
  });
}

function notStarted(): SecretError {
  return new SecretError("INVALID_CONFIG", "the gpg program cannot be started", {
    reason: "gpg",
    tip: 'Set "gpg" to the absolute path of GnuPG 2, or set `key` and install openpgp.',
  });
}
