import type { CredentialSource, ProviderHost } from "@tacit/core/provider";
import type { Identity } from "age-encryption";
import { keyFormatError } from "../errors.ts";
import { keyText } from "../key-text.ts";
import type { AgeKeyOptions } from "../options.ts";

/** The identities of one member of `keys`: those of age as text, others as objects. */
export type AgeIdentities = readonly (string | Identity)[];

/** Returns a function that reads the identities of a key at each use, and parses them only if they have changed. @throws {SecretError} UNAUTHENTICATED `key-format`; errors of reading the source, from that function */
export function ageIdentities(
  { identity, passphrase }: AgeKeyOptions,
  host: Pick<ProviderHost, "credential" | "protect" | "name">,
): () => Promise<AgeIdentities> {
  let last: { readonly text: string; readonly identities: AgeIdentities } | undefined;
  const source = (identity ?? passphrase) as CredentialSource;
  const label = identity === undefined ? "age passphrase" : "age identity";
  return async () => {
    const text = await keyText(source, label, host);
    if (last?.text === text) return last.identities;
    const identities = identity === undefined ? [await ofPassphrase(text)] : await ofText(text, host);
    last = { text, identities };
    return identities;
  };
}

async function ofPassphrase(passphrase: string): Promise<Identity> {
  return (await import("./passphrase-identity.ts")).passphraseIdentity(passphrase);
}

/** Parses a file of `age-keygen`, or an SSH key. */
async function ofText(text: string, host: Pick<ProviderHost, "protect" | "name">): Promise<AgeIdentities> {
  if (text.startsWith("-----BEGIN")) return [(await import("./ssh-identity.ts")).sshIdentity(text)];
  const lines = text.split(/\r?\n/).map((line) => line.trim());
  const identities = lines.filter((line) => line !== "" && !line.startsWith("#"));
  for (const [index, identity] of identities.entries()) {
    if (!/^AGE-SECRET-KEY-(?:PQ-)?1[02-9AC-HJ-NP-Z]+$/.test(identity))
      throw keyFormatError(
        label,
        "has a line that is not an identity",
        "Each line must be AGE-SECRET-KEY-1..., AGE-SECRET-KEY-PQ-1... or a comment, as age-keygen writes them; plugins are not run.",
      );
    host.protect(identity, `${host.name}/${label} ${index + 1}`);
  }
  if (identities.length === 0 || identities.length > mostIdentities)
    throw keyFormatError(label, `contains none, or more than ${mostIdentities}`, "Check the content of its source.");
  return identities;
}

const label = "age identity";
/** Each identity is tried on each recipient of a file. */
const mostIdentities = 20;
