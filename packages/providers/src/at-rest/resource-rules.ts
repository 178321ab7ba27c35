import type { ConfigurationNode } from "./configuration-node.ts";
import { listOf, textOf } from "./fields.ts";
import type { Report } from "./report.ts";

/** A resource that a rule names. */
export interface NamedResource {
  readonly node: ConfigurationNode;
  /** `secrets`, `deployments.apps`, `*.`, `*.*` */
  readonly name: string;
  readonly resource: string;
  readonly group: string;
}

/** Reads the list of resources of one rule, and checks each by itself and beside the others. */
export function readResources(
  list: ConfigurationNode | undefined,
  rule: ConfigurationNode,
  report: Report,
): readonly NamedResource[] {
  const items = listOf(list, report);
  if (items?.length === 0)
    report.refuse(
      "resources-empty",
      list ?? rule,
      "the rule has no resource",
      "List the resources to encrypt: secrets.",
    );
  const resources = (items ?? []).flatMap((node) => {
    const name = textOf(node, report);
    return name === undefined ? [] : [toResource(node, name)];
  });
  for (const one of resources) checkName(one, report);
  checkOverlap(resources, report);
  return resources;
}

/** Whether a rule applies to Secrets. */
export function coversSecrets({ resource, group }: NamedResource): boolean {
  return (group === "" && (resource === "secrets" || resource === "*")) || (group === "*" && resource === "*");
}

/** Checks that no rule stands behind one that takes its resources. */
export function checkMasks(rules: readonly (readonly NamedResource[])[], report: Report): void {
  const wildcards = new Set<string>();
  const named = new Set<string>();
  for (const rule of rules) {
    const own = new Set<string>();
    for (const { node, group, resource } of rule) {
      const key = `${resource}.${group}`;
      if (wildcards.has(`*.${group}`) || wildcards.has("*.*")) {
        report.refuse(
          "resource-masked",
          node,
          "an earlier rule with a wildcard already covers this resource",
          "Put the rule of a single resource before the rule with the wildcard: the first rule that applies is used.",
        );
      } else if (named.has(key)) {
        report.note(
          "warning",
          "resource-in-two-rules",
          node,
          "an earlier rule also lists this resource; the first provider of the earlier rule encrypts",
          "Merge the providers into one rule, so that their order is visible.",
        );
      }
      own.add(key);
    }
    for (const key of own) {
      named.add(key);
      if (key.startsWith("*.")) wildcards.add(key);
    }
  }
}

function toResource(node: ConfigurationNode, name: string): NamedResource {
  const dot = name.indexOf(".");
  return dot < 0
    ? { node, name, resource: name, group: "" }
    : { node, name, resource: name.slice(0, dot), group: name.slice(dot + 1) };
}

/** The API server keeps these in etcd without serving them. */
const internal: ReadonlySet<string> = new Set([
  "apiserveripinfo",
  "serviceipallocations",
  "servicenodeportallocations",
]);

function checkName({ node, name, resource, group }: NamedResource, report: Report): void {
  const refuse = (code: string, what: string, tip: string): void => report.refuse(code, node, what, tip);
  if (name === "") report.note("warning", "resource-unknown", node, "an empty name is not a resource", "Remove it.");
  else if (name !== name.toLowerCase())
    refuse("resource-capitals", "a resource has capital letters", "Write its plural in lower case: secrets.");
  else if (name === "*")
    refuse("wildcard", '"*" alone is not a resource', 'Write "*." for the core group, or "*.*" for every resource.');
  else if (internal.has(name))
    refuse("resource-internal", "this resource has no API and cannot be encrypted", "Remove it.");
  else if (group === "events.k8s.io") refuse("resource-group", "events are stored in the core group", "Write events.");
  else if (group === "extensions")
    refuse("resource-group", "the group extensions no longer exists", "Write the current group of the resource.");
  else if (group === "*" && resource !== "*")
    refuse("wildcard", "one resource name cannot cover all groups", "Write its group, or *.* for everything.");
  else if (group === "" && resource === "secret")
    report.note(
      "error",
      "resource-unknown",
      node,
      "this is not a resource, so Secrets stay unencrypted",
      "Write secrets.",
    );
}

function checkOverlap(resources: readonly NamedResource[], report: Report): void {
  const seen = new Set<string>();
  for (const { node, resource, group } of resources) {
    const key = `${resource}.${group}`;
    if (seen.has(key)) report.refuse("resource-twice", node, "the rule lists this resource twice", "Keep one of them.");
    seen.add(key);
  }
  for (const { node, resource, group } of resources) {
    const isTaken = seen.has("*.*") ? seen.size > 1 : resource !== "*" && seen.has(`*.${group}`);
    if (!isTaken || (resource === "*" && group === "*")) continue;
    report.refuse(
      "resource-overlap",
      node,
      "a wildcard of the same rule already covers this resource",
      "Remove it, or move it to a separate rule before the rule with the wildcard.",
    );
  }
}
