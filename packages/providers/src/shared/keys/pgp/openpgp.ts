import { type CredentialSource, isSecretError, type ProviderHost } from "@tacit/core/provider";
import { missingPeer } from "../../cloud/optional-peer.ts";
import { keyFormatError, sealedError, tamperedError } from "../errors.ts";
import { keyText } from "../key-text.ts";
import type { PgpKeyOptions } from "../options.ts";
import type { PgpOpener } from "./pgp-message.ts";

type Openpgp = typeof import("openpgp");
type PrivateKey = import("openpgp").PrivateKey;

/** Creates a function that decrypts messages with the `openpgp` package. Signatures are verified with the same keys and those of `signers`. */
export function createOpenpgp(
  { key, passphrase, signers }: PgpKeyOptions,
  host: Pick<ProviderHost, "credential" | "protect" | "name">,
): PgpOpener {
  let last: { readonly text: string; readonly keys: readonly PrivateKey[] } | undefined;
  const read = async (openpgp: Openpgp): Promise<readonly PrivateKey[]> => {
    const text = await keyText(key as CredentialSource, "PGP key", host);
    const secret = passphrase === undefined ? undefined : await keyText(passphrase, "PGP passphrase", host);
    if (last?.text !== `${text}\0${secret}`)
      last = { text: `${text}\0${secret}`, keys: await unlocked(openpgp, text, secret) };
    return last.keys;
  };
  return async ({ message: armored, signed }) => {
    const openpgp = await importOpenpgp();
    const keys = await read(openpgp);
    try {
      const message = await openpgp.readMessage({ armoredMessage: armored });
      const wanted = message.getEncryptionKeyIDs();
      if (wanted.length > mostRecipients)
        throw sealedError(
          "too-large",
          `has a PGP message for more than ${mostRecipients} recipients`,
          "Encrypt it for fewer.",
        );
      const isOwn = async (each: PrivateKey): Promise<boolean> => wanted.some((id) => each.getKeys(id).length > 0);
      if (!(await Promise.all(keys.map(isOwn))).includes(true)) return undefined;
      const known = signed && signers !== undefined ? await publicKeys(openpgp, await host.credential(signers)) : [];
      const opened = await openpgp.decrypt({
        message,
        decryptionKeys: [...keys],
        verificationKeys: [...keys, ...known],
        expectSigned: signed,
        format: "binary",
        config: { allowUnauthenticatedMessages: false, maxDecompressedMessageSize: mostBytes },
      });
      return opened.data as Uint8Array;
    } catch (error) {
      if (isSecretError(error)) throw error;
      throw tamperedError(
        signed
          ? "has a PGP message that was changed, or has no valid signature of a known key"
          : "has a PGP message that was changed",
      );
    }
  };
}

async function unlocked(
  openpgp: Openpgp,
  text: string,
  passphrase: string | undefined,
): Promise<readonly PrivateKey[]> {
  try {
    const keys = await openpgp.readPrivateKeys({ armoredKeys: text });
    if (keys.length > mostKeys) throw new RangeError("too many keys");
    return await Promise.all(
      keys.map((privateKey) =>
        privateKey.isDecrypted() ? privateKey : openpgp.decryptKey({ privateKey, passphrase: passphrase ?? "" }),
      ),
    );
  } catch {
    throw keyFormatError(
      "PGP key",
      "cannot be read, or its passphrase is wrong",
      "Export it with gpg --armor --export-secret-keys FINGERPRINT, and set `passphrase` if it has one.",
    );
  }
}

async function publicKeys(openpgp: Openpgp, armored: Uint8Array): Promise<readonly import("openpgp").Key[]> {
  try {
    return await openpgp.readKeys({ armoredKeys: Buffer.from(armored).toString("latin1") });
  } catch {
    throw keyFormatError("list of PGP signers", "cannot be read", "Export it with gpg --armor --export FINGERPRINT.");
  }
}

const mostKeys = 20;
/** Each recipient is tried with each key. */
const mostRecipients = 100;
/** Far above a data key of 32 bytes. */
const mostBytes = 64 * 1024;

async function importOpenpgp(): Promise<Openpgp> {
  try {
    return await import("openpgp");
  } catch (cause) {
    throw missingPeer("openpgp@6", cause);
  }
}
