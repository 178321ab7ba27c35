import { createCipheriv, createDecipheriv, timingSafeEqual } from "node:crypto";
import { base64Bytes } from "../shared/base64.ts";
import { sealedError, tamperedError } from "../shared/keys/errors.ts";
import { quoted } from "../shared/quoted.ts";
import type { KubesecFile, Recipient, RecipientType } from "./kubesec-file.ts";

/**
 * Decrypts the values of a Secret, and verifies that they and the recipients are those that were encrypted.
 * @param allowUnauthenticated whether files of versions 1 and 2 are read, which have no MAC
 * @throws {SecretError} INVALID_VALUE `tampered`, `mac-mismatch`
 */
export function decryptSecret(
  file: KubesecFile,
  dataKey: Uint8Array,
  allowUnauthenticated: boolean,
): ReadonlyMap<string, Uint8Array> {
  if (dataKey.length !== 32) throw tamperedError("has a malformed data key");
  const open = (values: ReadonlyMap<string, string>): ReadonlyMap<string, string> =>
    new Map([...values].map(([key, value]) => [key, decryptValue(value, dataKey, key)]));
  const [data, stringData] = [open(file.data), open(file.stringData)];
  verify(file, { data, stringData }, dataKey, allowUnauthenticated);
  const fields = new Map<string, Uint8Array>();
  for (const [key, value] of data) {
    const bytes = base64Bytes(value);
    if (bytes === undefined) throw tamperedError(`has a value that is not base64 (key ${quoted(key.slice(0, 64))})`);
    fields.set(key, bytes);
  }
  // As the API server has it, `stringData` wins.
  for (const [key, value] of stringData) fields.set(key, new TextEncoder().encode(value));
  return fields;
}

/** Values are padded with NUL, so that their length does not show, and bound to their key. */
function decryptValue(value: string, dataKey: Uint8Array, key: string): string {
  const parts = value.split(".", 4).map(base64Bytes);
  const [tag, iv, data = new Uint8Array()] = parts.toReversed();
  if (parts.length < 2 || parts.length > 3 || iv?.length !== 12 || tag?.length !== 16 || parts.includes(undefined))
    throw altered(key);
  const decipher = createDecipheriv("aes-256-gcm", dataKey, iv, { authTagLength: 16 });
  decipher.setAAD(Buffer.from(key)).setAuthTag(tag);
  const plain = decipher.update(data);
  try {
    decipher.final();
  } catch {
    throw altered(key);
  }
  const end = plain.indexOf(0);
  return plain.subarray(0, end < 0 ? plain.length : end).toString();
}

interface Opened {
  readonly data: ReadonlyMap<string, string>;
  readonly stringData: ReadonlyMap<string, string>;
}

function verify(
  { version, mac, recipients }: KubesecFile,
  opened: Opened,
  dataKey: Uint8Array,
  allowUnauthenticated: boolean,
): void {
  if (version < 3 && allowUnauthenticated) return;
  if (version < 3 || mac === undefined)
    throw sealedError(
      "mac-mismatch",
      version < 3 ? `is of version ${version}, which has no MAC` : "has no MAC",
      'Encrypt it again with kubesec 0.6 or later; "allowUnauthenticated" reads versions 1 and 2 as they are.',
    );
  const [iv, tag] = mac.split(".").map(base64Bytes);
  const names = [...sorted(opened.data), ...sorted(opened.stringData)].flat().join("");
  // With several recipients, the tool that wrote the file may have been older than its order.
  const orders = [inOrderOfTool(recipients), recipients].map((each) => names + each.map(({ id }) => id).join(""));
  if (iv?.length !== 12 || tag?.length !== 16 || !orders.some((text) => isMac(text, dataKey, iv, tag)))
    throw sealedError(
      "mac-mismatch",
      "was changed after encryption: its MAC does not match its values and recipients",
      "Restore the file from its history, and edit it with kubesec.",
    );
}

function isMac(text: string, dataKey: Uint8Array, iv: Uint8Array, tag: Uint8Array): boolean {
  const cipher = createCipheriv("aes-256-gcm", dataKey, iv, { authTagLength: 16 });
  cipher.setAAD(Buffer.from(text)).final();
  return timingSafeEqual(cipher.getAuthTag(), tag);
}

function sorted(values: ReadonlyMap<string, string>): readonly (readonly [string, string])[] {
  return [...values].toSorted(([left], [right]) => Buffer.compare(Buffer.from(left), Buffer.from(right)));
}

const ranks: Readonly<Record<RecipientType, number>> = { pgp: 0, gcp: 1, aws: 2 };

/** The comparison of the tool is no order (both kind and id must be less), so what comes out depends on its insertion sort. */
function inOrderOfTool(recipients: readonly Recipient[]): readonly Recipient[] {
  const order = [...recipients];
  const isLess = (left: Recipient, right: Recipient): boolean =>
    ranks[left.type] < ranks[right.type] && left.id < right.id;
  for (let from = 1; from < order.length; from++) {
    for (let at = from; at > 0; at--) {
      const [one, other] = [order[at], order[at - 1]];
      if (one === undefined || other === undefined || !isLess(one, other)) break;
      [order[at], order[at - 1]] = [other, one];
    }
  }
  return order;
}

function altered(key: string): ReturnType<typeof tamperedError> {
  return tamperedError(`has a value that was changed or moved (key ${quoted(key.slice(0, 64))})`);
}
