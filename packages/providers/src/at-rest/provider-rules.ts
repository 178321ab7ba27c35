import type { ConfigurationNode } from "./configuration-node.ts";
import { listOf, mapOf } from "./fields.ts";
import { checkRepeats, type LocalKey, readKeys } from "./key-rules.ts";
import { checkKms } from "./kms-rules.ts";
import type { Report } from "./report.ts";

/** A provider of a rule. */
export interface NamedProvider {
  readonly node: ConfigurationNode;
  readonly kind: (typeof kinds)[number];
}

const kinds = ["aescbc", "aesgcm", "secretbox", "kms", "identity"] as const;

/**
 * Reads the providers of one rule, and checks each of them.
 * @param kmsNames of the whole file so far
 * @returns none where one of them cannot be read: nothing is known of their order then
 */
export function readProviders(
  list: ConfigurationNode | undefined,
  rule: ConfigurationNode,
  kmsNames: Set<string>,
  report: Report,
): readonly NamedProvider[] {
  const items = listOf(list, report);
  if (items?.length === 0)
    report.refuse(
      "providers-empty",
      list ?? rule,
      "the rule has no provider",
      "Add one that encrypts, then identity: {}.",
    );
  const keys: LocalKey[] = [];
  const providers = (items ?? []).map((item) => readProvider(item, keys, kmsNames, report));
  checkRepeats(keys, report);
  return providers.some((found) => found.length !== 1) ? [] : providers.flat();
}

function readProvider(
  item: ConfigurationNode,
  keys: LocalKey[],
  kmsNames: Set<string>,
  report: Report,
): readonly NamedProvider[] {
  const entries = mapOf(item, kinds, report);
  if (entries === undefined) return [];
  const found = kinds.flatMap((kind) => {
    const node = entries.get(kind);
    return node === undefined || node.content.kind === "null" ? [] : [{ kind, node }];
  });
  if (found.length === 0)
    report.refuse(
      "provider-missing",
      item,
      "this is not a provider with a value",
      `Write one of ${kinds.join(", ")}; identity has an empty map for its value (identity: {}).`,
    );
  if (found.length > 1)
    report.refuse(
      "providers-joined",
      item,
      "one list item has several providers",
      "Write each as its own list item: their order determines which of them encrypts.",
    );
  for (const { kind, node } of found) {
    if (kind === "kms") checkKms(node, kmsNames, report);
    else if (kind === "identity") mapOf(node, [], report);
    else {
      keys.push(...readKeys(kind, node, report));
      checkCipher(kind, node, report);
    }
  }
  return found;
}

/** @see https://kubernetes.io/docs/tasks/administer-cluster/encrypt-data/#providers */
function checkCipher(kind: string, node: ConfigurationNode, report: Report): void {
  if (kind === "aescbc")
    report.note(
      "info",
      "aescbc",
      node,
      "aescbc does not authenticate values: anyone who can write to etcd can change a value unnoticed",
      "Kubernetes advises against it. Prefer KMS v2, or secretbox if there is no KMS.",
    );
  if (kind === "aesgcm")
    report.note(
      "info",
      "aesgcm",
      node,
      "aesgcm uses random 96-bit nonces, so the number of writes with one key is limited",
      "Rotate its key before 200,000 writes, or prefer KMS v2 or secretbox.",
    );
}
