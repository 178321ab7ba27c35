import { type ConfigurationNode, type ParseFault, parseConfiguration } from "./configuration-node.ts";
import { listOf, mapOf } from "./fields.ts";
import { checkCoverage, checkOrder, type EncryptionRule } from "./order-rules.ts";
import { readProviders } from "./provider-rules.ts";
import { createReport, type EncryptionFinding, type Report } from "./report.ts";
import { checkMasks, readResources } from "./resource-rules.ts";

/**
 * Finds what is wrong or weak in an EncryptionConfiguration, the file of the API server's `--encryption-provider-config`. Reads
 * only the text and quotes no value of it, so that findings may be logged.
 * @param text YAML or JSON
 * @returns findings in the order of their checks; none for a file without fault
 * @see https://kubernetes.io/docs/tasks/administer-cluster/encrypt-data/
 */
export async function lintEncryptionConfiguration(text: string): Promise<readonly EncryptionFinding[]> {
  const report = createReport();
  const { root, faults } = await parseConfiguration(text);
  for (const fault of faults) tellFault(fault, report);
  if (root !== undefined) lintRoot(root, report);
  return report.findings;
}

function lintRoot(root: ConfigurationNode, report: Report): void {
  if (root.content.kind === "null")
    return report.refuse("empty", root, "the file is empty", "Write an EncryptionConfiguration.");
  const entries = mapOf(root, ["apiVersion", "kind", "resources"], report);
  if (entries === undefined) return;
  checkKind(entries.get("apiVersion") ?? root, entries.get("kind") ?? root, report);
  const list = entries.get("resources");
  const items = listOf(list, report);
  if (items?.length === 0)
    report.refuse("rules-empty", list ?? root, "the file has no rule", "Add one for secrets under resources.");
  if (items === undefined || items.length === 0) return;
  const kmsNames = new Set<string>();
  const rules = items.flatMap((item) => readRule(item, kmsNames, report));
  const resources = rules.map((rule) => rule.resources);
  checkMasks(resources, report);
  checkOrder(rules, report);
  if (rules.length === items.length) checkCoverage(rules, root, report);
}

function checkKind(version: ConfigurationNode, kind: ConfigurationNode, report: Report): void {
  const isText = (node: ConfigurationNode, text: string): boolean =>
    node.content.kind === "alias" || (node.content.kind === "text" && node.content.text === text);
  if (isText(version, "v1") && isText(kind, "EncryptionConfig"))
    return report.note("warning", "old-kind", kind, "this is the kind that Kubernetes used before 1.13", written);
  if (!isText(version, "apiserver.config.k8s.io/v1"))
    report.refuse("api-version", version, "apiVersion is not apiserver.config.k8s.io/v1", written);
  if (!isText(kind, "EncryptionConfiguration"))
    report.refuse("kind", kind, "kind is not EncryptionConfiguration", written);
}

const written = "Write apiVersion: apiserver.config.k8s.io/v1 and kind: EncryptionConfiguration.";

function readRule(node: ConfigurationNode, kmsNames: Set<string>, report: Report): readonly EncryptionRule[] {
  const entries = mapOf(node, ["resources", "providers"], report);
  if (entries === undefined) return [];
  const resources = readResources(entries.get("resources"), node, report);
  const providers = readProviders(entries.get("providers"), node, kmsNames, report);
  return [{ node, resources, providers }];
}

function tellFault(fault: ParseFault, report: Report): void {
  switch (fault.code) {
    case "too-large":
      return report.note(
        "error",
        fault.code,
        fault,
        "the file is larger than 256 KiB, or has too many parts, and was not read",
        "Check which file it is.",
      );
    case "too-deep":
      return report.note(
        "error",
        fault.code,
        fault,
        "the file is nested deeper than any configuration",
        "Check which file it is.",
      );
    case "syntax":
      return report.refuse(
        fault.code,
        fault,
        "this is not valid YAML",
        "Correct that line; its content is not quoted here.",
      );
    case "duplicate-key":
      return report.refuse(fault.code, fault, "a key appears twice in one map", "Keep one of them.");
    case "several-documents":
      return report.note(
        "warning",
        fault.code,
        fault,
        "a second YAML document begins here, which the API server does not read",
        "Keep one document in the file.",
      );
    case "alias":
      return report.note(
        "warning",
        fault.code,
        fault,
        "an alias or a merge key of YAML is not followed here, so its content is not checked",
        "Write it out.",
      );
  }
}
