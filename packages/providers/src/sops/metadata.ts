import type { WrappedKey } from "../shared/keys/key-service.ts";
import { metadataError, ruleError } from "./errors.ts";
import { type Plain, toRecord } from "./plain-metadata.ts";
import { createRule, type EncryptionRule } from "./rule.ts";
import type { SopsMap } from "./tree.ts";

/** What SOPS writes beside the values of a file. */
export interface SopsMetadata {
  /** Each group opens the data key, or one share of it. */
  readonly groups: readonly (readonly WrappedKey[])[];
  /** How many shares it takes. */
  readonly threshold: number;
  /** As it is written: the MAC is bound to it. */
  readonly lastModified: string;
  /** Encrypted. */
  readonly mac: string;
  readonly macOnlyEncrypted: boolean;
  readonly rule: EncryptionRule;
}

/** Reads the metadata. Nothing in it has been verified. @throws {SecretError} INVALID_VALUE `malformed`, `encryption-rule`, `too-large` */
export async function parseMetadata(branch: SopsMap): Promise<SopsMetadata> {
  const metadata = toRecord(branch);
  if (!versionForm.test(textIn(metadata, "version")))
    throw metadataError("has metadata without the version of SOPS that wrote it");
  const groups = groupsOf(metadata);
  const threshold = textIn(metadata, "shamir_threshold");
  // One group holds the whole key, whatever a creation rule says of several.
  const wanted = groups.length === 1 || /^0?$/.test(threshold) ? groups.length : Number(threshold);
  if (!Number.isInteger(wanted) || wanted < 1 || wanted > groups.length)
    throw metadataError("has a Shamir threshold that its key groups cannot reach");
  return {
    groups,
    threshold: wanted,
    lastModified: textIn(metadata, "lastmodified"),
    mac: textIn(metadata, "mac"),
    macOnlyEncrypted: /^true$/i.test(textIn(metadata, "mac_only_encrypted")),
    rule: await ruleOf(metadata),
  };
}

/** A semantic version, as SOPS reads it; the very first ones had two numbers. */
const versionForm = /^(?:v?(?:0|[1-9]\d*)(?:\.(?:0|[1-9]\d*)){2}(?:-[\dA-Za-z.-]+)?(?:\+[\dA-Za-z.-]+)?|1\.0)$/;

/** A share of Shamir has its number in one byte; nobody has as many groups. */
const mostGroups = 20;
const mostKeys = 100;

function groupsOf(metadata: Plain): readonly (readonly WrappedKey[])[] {
  const listed = recordsIn(metadata, "key_groups");
  const groups = listed.length > 0 ? listed.map(keysOf) : [keysOf(metadata)];
  if (groups.length > mostGroups || groups.flat().length > mostKeys)
    throw metadataError(`lists more than ${mostGroups} key groups or ${mostKeys} keys`);
  return groups;
}

/** In the order in which SOPS tries them: what needs no network first. */
function keysOf(group: Plain): readonly WrappedKey[] {
  const each = (list: string, make: (entry: Plain, enc: string) => WrappedKey): WrappedKey[] =>
    recordsIn(group, list).map((entry) => make(entry, textIn(entry, "enc")));
  return [
    ...each("age", (_entry, file) => ({ use: "age", file })),
    ...each("pgp", (_entry, message) => ({ use: "pgp", message })),
    ...each("kms", (entry, ciphertext) => ({
      use: "aws-kms",
      keyId: textIn(entry, "arn"),
      ciphertext,
      context: contextOf(entry),
    })),
    ...each("gcp_kms", (entry, ciphertext) => ({ use: "gcp-kms", keyId: textIn(entry, "resource_id"), ciphertext })),
    ...each("azure_kv", (entry, ciphertext) => ({
      use: "azure-key",
      keyId: `${withoutSlashes(textIn(entry, "vault_url"))}/keys/${textIn(entry, "name")}`,
      version: textIn(entry, "version"),
      ciphertext,
    })),
    ...each("hc_vault", (entry, ciphertext) => ({
      use: "vault-transit",
      keyId: `${withoutSlashes(textIn(entry, "vault_address"))}/v1/${textIn(entry, "engine_path")}/keys/${textIn(entry, "key_name")}`,
      ciphertext,
    })),
  ];
}

/** Takes the slashes off the end of an address, in one pass: nobody has verified it. */
function withoutSlashes(address: string): string {
  let end = address.length;
  while (address[end - 1] === "/") end -= 1;
  return address.slice(0, end);
}

function contextOf(entry: Plain): Readonly<Record<string, string>> {
  const { context } = entry;
  if (typeof context !== "object" || Array.isArray(context)) return {};
  return Object.fromEntries(Object.keys(context).map((name) => [name, textIn(context as Plain, name)]));
}

async function ruleOf(metadata: Plain): Promise<EncryptionRule> {
  const given = ruleNames.flatMap((name) => {
    const text = textIn(metadata, name);
    return text === "" ? [] : [{ name, text }];
  });
  const [rule = { name: "unencrypted_suffix", text: "_unencrypted" } as const, second] = given;
  if (second !== undefined)
    throw ruleError(
      `has two rules for encryption, ${rule.name} and ${second.name}`,
      "Leave one of them in it, with sops.",
    );
  return createRule(rule.name, rule.text);
}

const ruleNames = [
  "unencrypted_suffix",
  "encrypted_suffix",
  "unencrypted_regex",
  "encrypted_regex",
  "unencrypted_comment_regex",
  "encrypted_comment_regex",
] as const;

/** Empty where nothing is there, as SOPS has it. */
function textIn(record: Plain, name: string): string {
  const value = Object.hasOwn(record, name) ? record[name] : undefined;
  return typeof value === "string" ? value : "";
}

function recordsIn(record: Plain, name: string): readonly Plain[] {
  const list = (Object.hasOwn(record, name) ? record[name] : undefined) ?? [];
  if (!Array.isArray(list)) throw metadataError(`has metadata whose ${name} is not a list`);
  return list.map((entry) => {
    if (typeof entry !== "object" || Array.isArray(entry))
      throw metadataError(`has metadata whose ${name} contains something other than keys`);
    return entry as Plain;
  });
}
