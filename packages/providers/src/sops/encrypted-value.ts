import { createDecipheriv } from "node:crypto";
import { floatText, type LeafType, type SopsLeaf } from "./tree.ts";

/** The form of an encrypted value. SOPS itself ignores what stands behind it; here nothing may. */
const form =
  /^ENC\[AES256_GCM,data:([A-Za-z0-9+/]+={0,2}),iv:([A-Za-z0-9+/]+={0,2}),tag:([A-Za-z0-9+/]{22}==),type:([a-z]+)\]$/;

/** Returns whether a text has the form of an encrypted value. */
export function isEncryptedForm(text: string): boolean {
  return form.test(text);
}

/**
 * Decrypts one value.
 * @param boundTo what it was encrypted for: keys joined by `:`, with one behind the last
 * @returns undefined where that fails, or where the result is not of its type
 */
export function decryptValue(text: string, dataKey: Uint8Array, boundTo: string): SopsLeaf | undefined {
  const [, data = "", iv = "", tag = "", type] = form.exec(text) ?? [];
  const nonce = Buffer.from(iv, "base64");
  if (data === "" || data.length % 4 !== 0 || nonce.length < 12 || nonce.length > 64) return undefined;
  const decipher = createDecipheriv("aes-256-gcm", dataKey, nonce, { authTagLength: 16 });
  decipher.setAAD(Buffer.from(boundTo)).setAuthTag(Buffer.from(tag, "base64"));
  const bytes = decipher.update(Buffer.from(data, "base64"));
  try {
    decipher.final();
  } catch {
    return undefined;
  }
  return typed(type as LeafType, bytes);
}

/** The type is not verified, but the MAC is over what the type makes of the bytes. */
function typed(type: LeafType, bytes: Uint8Array): SopsLeaf | undefined {
  const text = Buffer.from(bytes).toString("latin1");
  const leaf = (normal: string): SopsLeaf => ({ kind: "leaf", type, bytes: Buffer.from(normal) });
  switch (type) {
    case "str":
    case "bytes":
    case "comment":
      return { kind: "leaf", type, bytes };
    case "int":
      return /^[+-]?\d{1,19}$/.test(text) ? leaf(BigInt(text.replace(/^\+/, "")).toString()) : undefined;
    case "float":
      if (/^(?:NaN|[+-]Inf)$/.test(text)) return leaf(text);
      return /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(text) ? leaf(floatText(Number(text))) : undefined;
    case "bool":
      if (/^(?:1|t|T|TRUE|true|True)$/.test(text)) return leaf("True");
      return /^(?:0|f|F|FALSE|false|False)$/.test(text) ? leaf("False") : undefined;
    case "time":
      return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/.test(text) ? leaf(text) : undefined;
    default:
      return undefined;
  }
}
