import { base64Bytes } from "../shared/base64.ts";
import type { ConfigurationNode } from "./configuration-node.ts";
import { listOf, mapOf, textOf } from "./fields.ts";
import type { Report } from "./report.ts";

/** Ciphers whose keys stand in the file. */
export type LocalCipher = "aescbc" | "aesgcm" | "secretbox";

/** A key of the file. */
export interface LocalKey {
  readonly node: ConfigurationNode;
  readonly cipher: LocalCipher;
  /** Empty where it cannot be read. */
  readonly name: string;
  /** Canonical base64; undefined where it is no key. */
  readonly secret: string | undefined;
}

/** Bytes of a key: what the API server takes. */
const lengths: Readonly<Record<LocalCipher, readonly number[]>> = {
  aescbc: [16, 24, 32],
  aesgcm: [16, 24, 32],
  secretbox: [32],
};

/** Reads the keys of one provider, and checks each of them. */
export function readKeys(cipher: LocalCipher, provider: ConfigurationNode, report: Report): readonly LocalKey[] {
  const entries = mapOf(provider, ["keys"], report);
  if (entries === undefined) return [];
  const list = entries.get("keys");
  const items = listOf(list, report);
  if (items?.length === 0) report.refuse("keys-empty", list ?? provider, "the provider has no key", makeOne);
  return (items ?? []).flatMap((node) => {
    const fields = mapOf(node, ["name", "secret"], report);
    if (fields === undefined) return [];
    const name = textOf(fields.get("name"), report);
    checkName(name, fields.get("name") ?? node, report);
    const secret = textOf(fields.get("secret"), report);
    const bytes = secret === undefined ? undefined : keyBytes(secret, cipher, fields.get("secret") ?? node, report);
    return [{ node, cipher, name: name ?? "", secret: bytes && Buffer.from(bytes).toString("base64") }];
  });
}

/** Compares the keys of one rule with each other. */
export function checkRepeats(keys: readonly LocalKey[], report: Report): void {
  const names = new Set<string>();
  const secrets = new Set<string>();
  for (const { node, cipher, name, secret } of keys) {
    const id = `${cipher}:${name}`;
    if (name !== "" && names.has(id))
      report.note(
        "error",
        "key-name-twice",
        node,
        "an earlier key of this cipher has the same name, so a stored value does not show which of them encrypted it",
        "Give each key a unique name. Values under the name are read with either key, so rename the newer one, rewrite every Secret, and only then remove the older one.",
      );
    if (secret !== undefined && secrets.has(secret))
      report.note(
        "warning",
        "key-repeated",
        node,
        "an earlier key of the rule has the same bytes under another name or cipher",
        `A new name does not rotate a key. ${makeOne}`,
      );
    names.add(id);
    if (secret !== undefined) secrets.add(secret);
  }
}

const makeOne = "Make a key of 32 random bytes: head -c 32 /dev/urandom | base64";

function checkName(name: string | undefined, node: ConfigurationNode, report: Report): void {
  if (name === "")
    report.refuse(
      "key-name-missing",
      node,
      "the key has no name",
      "Give it a name: stored values record the name of their key.",
    );
  if (name?.includes(":") === true)
    report.note(
      "warning",
      "key-name-colon",
      node,
      "the name has a colon, which ends the name in a stored value",
      "Choose a name of letters, digits and dashes, and rotate to it.",
    );
  const bytes = name === undefined ? undefined : base64Bytes(name)?.length;
  if (bytes === 16 || bytes === 24 || bytes === 32)
    report.note(
      "error",
      "key-as-name",
      node,
      "the name has the form of a key; names are stored in the clear with each value",
      "Exchange name and secret if they are swapped, and treat that key as leaked.",
    );
}

/** Returns the bytes of a key that the API server takes. */
function keyBytes(
  secret: string,
  cipher: LocalCipher,
  node: ConfigurationNode,
  report: Report,
): Uint8Array | undefined {
  const refuse = (code: string, what: string, tip: string): undefined => void report.refuse(code, node, what, tip);
  if (secret === "") return refuse("key-missing", "the key has no secret", makeOne);
  // Go skips line breaks, and nothing else.
  const bytes = base64Bytes(secret.replace(/[\r\n]/g, ""));
  if (bytes === undefined && isPlaceholder(secret))
    return refuse("placeholder-key", "the key is a placeholder", makeOne);
  if (bytes === undefined) return refuse("not-base64", "the secret is not base64", `${strictly} ${makeOne}`);
  const allowed = lengths[cipher];
  if (!allowed.includes(bytes.length))
    return refuse(
      "key-length",
      `the key has ${bytes.length} bytes; ${cipher} takes ${allowed.join(", ")}`,
      `Encode the bytes as base64 once. ${makeOne}`,
    );
  checkStrength(bytes, node, report);
  if (Buffer.from(bytes).toString("base64") !== secret)
    report.note(
      "warning",
      "loose-base64",
      node,
      "the base64 has line breaks or unused bits that are not zero; other tools refuse it",
      "Write it again on one line (base64 -w 0).",
    );
  if (cipher === "aescbc" && bytes.length !== 32)
    report.note(
      "warning",
      "key-short",
      node,
      `the key has ${bytes.length} bytes; Kubernetes documents 32 for aescbc`,
      `Rotate to a longer one. ${makeOne}`,
    );
  return bytes;
}

const strictly = "Use standard base64, with padding and without spaces; - and _ belong to another alphabet.";

/** `<BASE 64 ENCODED SECRET>`, `${KEY}`, `{{ .key }}`, `changeme!` */
function isPlaceholder(secret: string): boolean {
  return /[<>{}$%]|change|replace|todo|your|example|encoded|xxx/i.test(secret);
}

function checkStrength(bytes: Uint8Array, node: ConfigurationNode, report: Report): void {
  const step = ((bytes[1] ?? 0) - (bytes[0] ?? 0)) & 0xff;
  const isCounted = bytes.every((byte, at) => at === 0 || ((byte - (bytes[at - 1] ?? 0)) & 0xff) === step);
  // 16 random bytes are all of them printable once in 8 million keys.
  const isText = bytes.every((byte) => (byte >= 0x20 && byte < 0x7f) || byte === 0x0a || byte === 0x0d);
  if (!isCounted && !isText) return;
  report.note(
    "error",
    "placeholder-key",
    node,
    isText ? "the key is typed text, not random bytes" : "the bytes of the key follow a pattern",
    `Treat it as public: keys in documentation look like this. Rotate to a new one. ${makeOne}`,
  );
}
