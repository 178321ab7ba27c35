import type { ConfigurationNode } from "./configuration-node.ts";
import { mapOf, textOf, wrongType } from "./fields.ts";
import type { Report } from "./report.ts";

/** Checks one KMS provider. @param names of the KMS providers before it in the whole file; its own is added */
export function checkKms(provider: ConfigurationNode, names: Set<string>, report: Report): void {
  const entries = mapOf(provider, ["apiVersion", "name", "cachesize", "endpoint", "timeout"], report);
  if (entries === undefined) return;
  const place = (key: string): ConfigurationNode => entries.get(key) ?? provider;
  const version = textOf(entries.get("apiVersion"), report);
  if (version !== undefined) checkVersion(version, place("apiVersion"), report);
  const isFirst = version === "" || version === "v1";
  const name = textOf(entries.get("name"), report);
  if (name !== undefined) checkName(name, place("name"), names, isFirst, report);
  const endpoint = textOf(entries.get("endpoint"), report);
  if (endpoint !== undefined && !/^unix:[\x21-\x7e]*$/i.test(endpoint))
    report.refuse(
      "kms-endpoint",
      place("endpoint"),
      endpoint === "" ? "the KMS provider has no endpoint" : "the endpoint is not a Unix socket",
      "Write the socket of the plugin on this host: unix:///var/run/kms-provider.sock",
    );
  checkTimeout(entries.get("timeout"), report);
  checkCacheSize(entries.get("cachesize"), isFirst, report);
}

function checkVersion(version: string, place: ConfigurationNode, report: Report): void {
  if (version === "v2") return;
  if (version !== "" && version !== "v1")
    return report.refuse("kms-version", place, "the version of the KMS protocol is unknown", "Write apiVersion: v2.");
  const what = version === "" ? "without apiVersion this is KMS v1" : "this is KMS v1";
  report.refuse(
    "kms-v1",
    place,
    `${what}, which is deprecated and off since Kubernetes 1.29`,
    "Add the plugin's v2 as the first provider (apiVersion: v2), rewrite every Secret, then remove this one. Until then the API server needs --feature-gates=KMSv1=true.",
  );
}

function checkName(name: string, place: ConfigurationNode, names: Set<string>, isFirst: boolean, report: Report): void {
  if (name === "")
    report.refuse(
      "kms-name",
      place,
      "the KMS provider has no name",
      "Give it a name: stored values record the name of their plugin.",
    );
  if (!isFirst && name.includes(":"))
    report.refuse(
      "kms-name",
      place,
      "the name has a colon, which ends the name in a stored value",
      "Remove the colon.",
    );
  if (names.has(name))
    report.refuse(
      "kms-name-twice",
      place,
      "an earlier KMS provider of the file has the same name",
      "Give each a unique name: it is stored with each value, and determines which plugin decrypts it.",
    );
  names.add(name);
}

function checkTimeout(node: ConfigurationNode | undefined, report: Report): void {
  const text = textOf(node, report);
  if (node === undefined || node.content.kind === "null" || text === undefined) return;
  const isDuration = /^[-+]?(0|((\d+(\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h))+)$/.test(text);
  if (!isDuration || text.startsWith("-") || !/[1-9]/.test(text))
    report.refuse("kms-timeout", node, "the timeout is not a positive duration", "Write it with its unit: 3s.");
}

function checkCacheSize(node: ConfigurationNode | undefined, isFirst: boolean, report: Report): void {
  if (node === undefined || node.content.kind === "null" || node.content.kind === "alias") return;
  const { content } = node;
  if (content.kind !== "number" || !Number.isInteger(content.number)) return wrongType(node, "a whole number", report);
  if (!isFirst) report.refuse("kms-cachesize", node, "KMS v2 has no cachesize: it caches by itself", "Remove it.");
  else if (content.number === 0)
    report.refuse("kms-cachesize", node, "the size of the cache is 0", "Write a positive number, or -1 for no cache.");
}
