import { isSecretError } from "@tacit/core/provider";
import { keyFormatError, sealedError, tamperedError } from "../errors.ts";
import { type Age, importAge } from "./age-package.ts";
import { decodeArmor } from "./armor.ts";
import type { AgeIdentities } from "./identities.ts";

/**
 * Decrypts an age file, binary or armored, after the whole file has been verified.
 * @returns undefined if none of the identities is a recipient
 * @throws {SecretError} INVALID_VALUE `malformed`, `tampered`, `too-large` or `work-factor`; INVALID_CONFIG `sdk-missing`
 */
export async function decryptAge(file: Uint8Array, identities: AgeIdentities): Promise<Uint8Array | undefined> {
  const age = await importAge();
  const binary = unarmored(file);
  assertBounded(binary);
  const decrypter = new age.Decrypter();
  for (const identity of identities) {
    try {
      decrypter.addIdentity(identity);
    } catch {
      throw keyFormatError("age identity", "is damaged", "Copy it again; its last characters are a checksum.");
    }
  }
  let isOfNobody = false;
  // The library asks identities in order, so this one only if no other can open the file.
  decrypter.addIdentity({
    unwrapFileKey() {
      isOfNobody = true;
      return null;
    },
  });
  try {
    return await plaintextOf(await decrypter.decrypt(streamOf(binary)), binary.length);
  } catch (error) {
    if (isOfNobody) return undefined;
    if (isSecretError(error)) throw error;
    throw tamperedError("is an age file that was changed or truncated");
  }
}

/** Encrypts a short content as an armored age file for the recipient that `addRecipient` adds. @throws {SecretError} INVALID_CONFIG `sdk-missing` */
export async function encryptAge(
  content: Uint8Array,
  addRecipient: (encrypter: import("age-encryption").Encrypter, age: Age) => Promise<void>,
): Promise<string> {
  const age = await importAge();
  const encrypter = new age.Encrypter();
  await addRecipient(encrypter, age);
  return age.armor.encode(await encrypter.encrypt(content));
}

const version = Buffer.from("age-encryption.org/v1\n");
/** The limits bound the work for one file; the `age` program has none. */
const mostHeaderBytes = 256 * 1024;
const mostRecipients = 100;

function unarmored(file: Uint8Array): Buffer {
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.byteLength);
  const binary = bytes.subarray(0, version.length).equals(version) ? bytes : decodeArmor(bytes);
  if (binary !== undefined) return binary;
  throw sealedError(
    "malformed",
    "is not an age file",
    "Encrypt it with age; both its binary form and its armor are read.",
  );
}

function assertBounded(binary: Buffer): void {
  const end = binary.subarray(0, mostHeaderBytes).indexOf("\n--- ");
  const header = end < 0 ? "" : binary.toString("latin1", 0, end);
  if (header === "" && binary.length <= mostHeaderBytes)
    throw sealedError("malformed", "is not an age file: its header does not end", "Restore it from its history.");
  if (header === "" || header.split("\n-> ").length > mostRecipients + 1)
    throw sealedError(
      "too-large",
      `is an age file with more than ${mostRecipients} recipients`,
      "Encrypt it for fewer.",
    );
}

/** Gives the package one piece at a time: given a whole file, it keeps two copies of the plaintext. */
function streamOf(binary: Buffer): ReadableStream<Uint8Array> {
  let at = 0;
  return new ReadableStream({
    pull(controller) {
      if (at < binary.length) controller.enqueue(new Uint8Array(binary.subarray(at, at + pieceBytes)));
      else controller.close();
      at += pieceBytes;
    },
  });
}

const pieceBytes = 64 * 1024;

interface Plaintext extends ReadableStream<Uint8Array> {
  size(ciphertextBytes: number): number;
}

async function plaintextOf(pieces: Plaintext, ciphertextBytes: number): Promise<Uint8Array> {
  const content = new Uint8Array(pieces.size(ciphertextBytes));
  let length = 0;
  for await (const piece of pieces) {
    content.set(piece, length);
    length += piece.length;
  }
  return content;
}
