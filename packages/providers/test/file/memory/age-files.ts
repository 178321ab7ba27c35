import { randomBytes } from "node:crypto";
import { conformanceHost } from "@tacit/core/conformance";
import { armor } from "age-encryption";
import { decryptAge } from "../../../src/shared/keys/age/age-file.ts";
import { ageIdentities } from "../../../src/shared/keys/age/identities.ts";
import { encryptForTests } from "../../age/harness.ts";
import { testFiles, testIdentity, testPassphrase } from "../../age/vectors.ts";
import type { MemoryCases } from "./memory-cases.ts";
import { filled, hostile, mutated } from "./mutations.ts";

/** A value that an operator may set for `maxBytes`; the default is a sixteenth of it. */
const cap = 16 * 1024 * 1024;
const secrets: Readonly<Record<string, string>> = { identity: testIdentity, passphrase: testPassphrase };
const host = conformanceHost({
  credential: async (source) => Buffer.from(secrets["$env" in source ? source.$env : ""] ?? ""),
});
const identities = await ageIdentities({ use: "age", identity: { $env: "identity" } }, host)();
const passphrases = await ageIdentities({ use: "age", passphrase: { $env: "passphrase" } }, host)();
const open = (bytes: Buffer): Promise<unknown> => decryptAge(bytes, identities);

const small = Buffer.from(await encryptForTests(randomBytes(15 * 1024)));
const begin = "-----BEGIN AGE ENCRYPTED FILE-----\n";
const end = "-----END AGE ENCRYPTED FILE-----\n";
const stanza = `-> X25519 ${"A".repeat(43)}\n${"A".repeat(43)}\n`;

/** A file for a passphrase that asks for more work than a machine has. */
function workFactor(factor: number): Buffer {
  const binary = Buffer.from(armor.decode(testFiles.passphrase)).toString("latin1");
  return Buffer.from(binary.replace(/(-> scrypt \S+) 18\n/, `$1 ${factor}\n`), "latin1");
}

/** Armored and binary files of age. */
export const format: MemoryCases = {
  async warmUp() {
    for (const file of [small, Buffer.from(armor.encode(small))])
      for (let round = 0; round < 10; round += 1) await open(file);
  },
  cases: [
    hostile("an armor of the wrong bytes", () => filled(begin, `${"A".repeat(64)}\n`, cap, end), open),
    hostile("an armor of empty lines", () => filled(begin, "\n", cap), open),
    hostile("an armor in one line", () => filled(begin, "A", cap, `\n${end}`), open),
    hostile("nothing but blanks", () => filled("", " ", cap), open),
    hostile("a header of one line", () => filled("age-encryption.org/v1\n-> ", "x ", cap), open),
    hostile("a header of recipients", () => filled("age-encryption.org/v1\n", stanza, cap), open),
    hostile(
      "an armored header of recipients",
      () => armor.encode(filled("age-encryption.org/v1\n", stanza, cap / 4)),
      open,
    ),
    hostile("junk", () => filled("", "x", cap), open),
    ...[19, 30, 63, 99].map((factor) =>
      hostile(
        `a work factor of ${factor}`,
        () => workFactor(factor),
        (bytes) => decryptAge(bytes, passphrases),
      ),
    ),
    mutated("a binary file", [small], open),
    mutated("an armored file", [Buffer.from(armor.encode(small))], open),
  ],
};
