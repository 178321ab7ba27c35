import { isUtf8 } from "node:buffer";

/** How the API server encrypted a value: the two versions of its protocol with a KMS plugin are two ways. */
export type EtcdCipher = "aescbc" | "aesgcm" | "secretbox" | "kms-v1" | "kms-v2";

/** The form of a value that an API server wrote to etcd. */
export type EtcdValue =
  /** `key` is the name of the key, or of the KMS plugin, up to its first colon; `bodyBytes` counts what follows it. */
  | { readonly form: "encrypted"; readonly cipher: EtcdCipher; readonly key: string; readonly bodyBytes: number }
  /** It begins like an encrypted value, but has no known form: truncated, or of a later version. */
  | { readonly form: "encrypted-unknown" }
  /** Unencrypted, as built-in resources are stored. */
  | { readonly form: "protobuf" }
  /** Unencrypted, as custom resources are stored. */
  | { readonly form: "json" }
  | { readonly form: "unknown" };

/**
 * Recognises the form of an etcd value by its first bytes, and JSON of up to 1.5 MiB by the complete text. Decrypts nothing, and returns nothing
 * of the value except the name of the key in its header. The value is the output of `etcdctl get --print-value-only`.
 * @see https://kubernetes.io/docs/tasks/administer-cluster/encrypt-data/
 */
export function recogniseEtcdValue(value: Uint8Array): EtcdValue {
  if (beginsWith(value, "k8s\0")) return { form: "protobuf" };
  if (beginsWith(value, "k8s:enc:")) return encryptedForm(value);
  return { form: isObjectInJson(value) ? "json" : "unknown" };
}

/** header of a value -> how what follows it is encrypted */
const ciphers: Readonly<Record<string, EtcdCipher>> = {
  "k8s:enc:aescbc:v1:": "aescbc",
  "k8s:enc:aesgcm:v1:": "aesgcm",
  "k8s:enc:secretbox:v1:": "secretbox",
  "k8s:enc:kms:v1:": "kms-v1",
  "k8s:enc:kms:v2:": "kms-v2",
};

/** The API server has no limit; a name that goes on for longer is none, but a body that happens to have a colon in it. */
const longestNameBytes = 256;
const colon = 0x3a;

function encryptedForm(value: Uint8Array): EtcdValue {
  const found = Object.entries(ciphers).find(([header]) => beginsWith(value, header));
  if (found === undefined) return { form: "encrypted-unknown" };
  const [header, cipher] = found;
  const rest = value.subarray(header.length);
  const end = rest.subarray(0, longestNameBytes + 1).indexOf(colon);
  const key = end <= 0 ? undefined : nameOf(rest.subarray(0, end));
  if (key === undefined) return { form: "encrypted-unknown" };
  return { form: "encrypted", cipher, key, bodyBytes: rest.length - end - 1 };
}

/** Bytes that no terminal should be sent are no name. */
function nameOf(bytes: Uint8Array): string | undefined {
  if (!isUtf8(bytes)) return undefined;
  const name = new TextDecoder().decode(bytes);
  return /[\p{C}\p{Zl}\p{Zp}]/u.test(name) ? undefined : name;
}

/** An object of Kubernetes says its kind; other JSON in etcd is not the API server's. */
function isObjectInJson(value: Uint8Array): boolean {
  if (!beginsWith(value, "{") || !isUtf8(value)) return false;
  if (value.length > mostJsonBytes) return writtenForm.test(new TextDecoder().decode(value.subarray(0, 1024)));
  try {
    const { apiVersion, kind } = JSON.parse(new TextDecoder().decode(value)) as Record<string, unknown>;
    return typeof apiVersion === "string" && typeof kind === "string";
  } catch {
    return false;
  }
}

/** The default limit of etcd. Of a larger value only the beginning is read, because parsed JSON takes up to twenty times its size. */
const mostJsonBytes = 1.5 * 1024 * 1024;
/** The API server sorts the members. */
const writtenForm = /^\{"apiVersion":"[^"\\]+","kind":"[^"\\]+"[,}]/;

function beginsWith(value: Uint8Array, text: string): boolean {
  return value.length >= text.length && [...text].every((letter, at) => value[at] === letter.charCodeAt(0));
}
