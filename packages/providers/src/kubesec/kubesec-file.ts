import { sealedError } from "../shared/keys/errors.ts";
import type { WrappedKey } from "../shared/keys/key-service.ts";
import { loadManifests, type ManifestRecord, recordIn } from "../shared/parse/manifests.ts";
import { parseFailures } from "../shared/parse/parse-errors.ts";
import { textOf } from "../shared/parse/text.ts";

/** The kinds of recipients, in the order that the MAC has them. */
export type RecipientType = "pgp" | "gcp" | "aws";

/** One line `# kubesec:<type>:<id>:<data key>`. */
export interface Recipient {
  readonly type: RecipientType;
  readonly id: string;
  readonly wrapped: WrappedKey;
}

/** A Secret whose values kubesec has encrypted. */
export interface KubesecFile {
  readonly version: number;
  /** In the order of the file. */
  readonly recipients: readonly Recipient[];
  /** Absent in versions 1 and 2. */
  readonly mac?: string | undefined;
  /** key -> encrypted value */
  readonly data: ReadonlyMap<string, string>;
  readonly stringData: ReadonlyMap<string, string>;
}

/** Reads a file. Its keys are in comments behind the manifest. @throws {SecretError} INVALID_VALUE */
export async function readKubesecFile(bytes: Uint8Array, path: string): Promise<KubesecFile> {
  const failures = parseFailures(path, "a file of kubesec");
  if (bytes.length > mostBytes) throw failures.tooLarge(`is larger than ${mostBytes} bytes`);
  const text = textOf(bytes, failures);
  // Kubesec refuses it, as a comment would end with it.
  if (text.includes("\r")) throw failures.syntax("has a carriage return", {});
  const lines: { readonly kind: string; readonly rest: string }[] = [];
  for (const [, kind = "", rest = ""] of text.matchAll(/^# kubesec:(v|pgp|gcp|aws|mac):(.+)$/gm)) {
    if (lines.push({ kind, rest }) > mostRecipients + 2)
      throw failures.tooLarge(`has more than ${mostRecipients} recipients`);
  }
  const recipients = lines.flatMap(({ kind, rest }) =>
    kind === "v" || kind === "mac" ? [] : [recipientOf(kind as RecipientType, rest)],
  );
  const version = lines.find(({ kind }) => kind === "v")?.rest ?? "";
  if (!/^[1-4]$/.test(version) || recipients.length === 0)
    throw sealedError("malformed", "is not a kubesec file of version 1 to 4", "Encrypt it with kubesec.");
  const [manifest, second] = (await loadManifests())(text, failures);
  if (manifest?.kind !== "Secret" || second !== undefined)
    throw sealedError("malformed", "contains no Secret, or more than one manifest", "Write each into a separate file.");
  return {
    version: Number(version),
    recipients,
    mac: lines.find(({ kind }) => kind === "mac")?.rest,
    data: texts(manifest, "data"),
    stringData: texts(manifest, "stringData"),
  };
}

const mostBytes = 2 * 1024 * 1024;
/** With the version and the MAC, a file has two more lines of kubesec. */
const mostRecipients = 100;

/** An ARN holds colons itself, so the last one divides. */
function recipientOf(type: RecipientType, rest: string): Recipient {
  const at = rest.lastIndexOf(":");
  const [id, wrapped] = [rest.slice(0, at), rest.slice(at + 1)];
  if (type === "pgp")
    return {
      type,
      id,
      wrapped: { use: "pgp", message: Buffer.from(wrapped, "base64").toString("latin1"), signed: true },
    };
  if (type === "gcp") return { type, id, wrapped: { use: "gcp-kms", keyId: id, ciphertext: wrapped } };
  return { type, id, wrapped: { use: "aws-kms", keyId: id, ciphertext: wrapped, context: {} } };
}

function texts(manifest: ManifestRecord, part: "data" | "stringData"): ReadonlyMap<string, string> {
  return new Map(
    Object.entries(recordIn(manifest, part)).map(([key, value]) => {
      if (typeof value !== "string")
        throw sealedError("malformed", `has a value in ${part} that is not text`, "Encrypt it again with kubesec.");
      return [key, value];
    }),
  );
}
