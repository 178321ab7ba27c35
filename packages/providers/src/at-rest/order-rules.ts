import type { ConfigurationNode } from "./configuration-node.ts";
import type { NamedProvider } from "./provider-rules.ts";
import type { Report } from "./report.ts";
import { coversSecrets, type NamedResource } from "./resource-rules.ts";

/** One rule of the file: resources, and what encrypts them. */
export interface EncryptionRule {
  readonly node: ConfigurationNode;
  readonly resources: readonly NamedResource[];
  readonly providers: readonly NamedProvider[];
}

/** Checks the order of providers: the first encrypts, all of them decrypt. */
export function checkOrder(rules: readonly EncryptionRule[], report: Report): void {
  const [first, ...later] = rules.filter(({ resources }) => resources.some(coversSecrets));
  for (const rule of rules) checkFirst(rule, rule === first, report);
  if (first === undefined) return;
  // Providers of later rules that name Secrets, too, decrypt as well.
  const isNamed = ({ resources }: EncryptionRule): boolean => resources.some(({ name }) => name === "secrets");
  checkIdentity(first, isNamed(first) ? [first, ...later.filter(isNamed)] : [first], report);
}

/** Reports a file in which no rule applies to Secrets. */
export function checkCoverage(rules: readonly EncryptionRule[], root: ConfigurationNode, report: Report): void {
  if (rules.some(({ resources }) => resources.some(coversSecrets))) return;
  report.note(
    "error",
    "secrets-uncovered",
    root,
    "no rule covers secrets, so they are stored unencrypted",
    "Add a rule for secrets, before any rule with a wildcard.",
  );
}

function checkFirst({ providers }: EncryptionRule, isForSecrets: boolean, report: Report): void {
  const [first] = providers;
  if (first?.kind !== "identity") return;
  if (providers.length > 1)
    report.note(
      isForSecrets ? "error" : "warning",
      "identity-first",
      first.node,
      "identity is the first provider, so everything is stored unencrypted: the first provider encrypts, the others only decrypt",
      `Move identity to the end. ${rewrite}`,
    );
  else if (isForSecrets)
    report.note(
      "error",
      "identity-only",
      first.node,
      "identity is the only provider, so Secrets are stored unencrypted",
      `Put a provider that encrypts before it. ${rewrite}`,
    );
}

function checkIdentity({ node }: EncryptionRule, rules: readonly EncryptionRule[], report: Report): void {
  const isKnown = rules.every(({ providers }) => providers.length > 0);
  if (!isKnown || rules.some(({ providers }) => providers.some(({ kind }) => kind === "identity"))) return;
  report.note(
    "info",
    "identity-missing",
    node,
    "without identity, Secrets that were stored before encryption was enabled cannot be read",
    `Unless every Secret has been rewritten since, add identity: {} as the last provider. ${rewrite}`,
  );
}

const rewrite =
  "Existing Secrets change only when they are written again (kubectl get secrets --all-namespaces -o json | kubectl replace -f -); remove a key or identity after that, never before.";
