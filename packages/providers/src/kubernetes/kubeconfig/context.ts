import { isNamespaceName } from "../path.ts";
import type { KubeconfigDocument } from "./document.ts";
import { kubeconfigFailure, Section } from "./section.ts";

/** The chosen context with its cluster and user. */
export interface KubeconfigContext {
  readonly name: string;
  readonly namespace: string | undefined;
  readonly cluster: Section;
  readonly user: Section;
  /** The name of the user; empty if the context names none. */
  readonly userName: string;
}

/**
 * Returns the cluster and the user of a context.
 * @param name default: the current context
 * @throws {SecretError} INVALID_CONFIG `kubeconfig`
 */
export function chosenContext(document: KubeconfigDocument, name = document.currentContext): KubeconfigContext {
  const files = document.files.map((file) => `"${file}"`).join(", ");
  if (name === undefined) throw kubeconfigFailure(`${files}: current-context is not set`);
  const context = document.contexts.get(name);
  if (context === undefined) throw kubeconfigFailure(`${files} has no context "${name}"`);
  const clusterName = context.text("cluster") ?? "";
  const cluster = document.clusters.get(clusterName);
  if (cluster === undefined)
    throw context.broken(`refers to the cluster "${clusterName}", which does not exist`, "cluster");
  const userName = context.text("user") ?? "";
  const user = document.users.get(userName) ?? new Section(context.file, "users[]", {});
  if (userName !== "" && !document.users.has(userName)) {
    throw context.broken(`refers to the user "${userName}", which does not exist`, "user");
  }
  // kubectl refuses such a file, because the two entries may differ and nothing says which one is meant.
  const twice = [context, cluster, user].find((entry) => document.doubled.has(entry));
  if (twice !== undefined) throw twice.broken("stands twice in the file");
  const namespace = context.text("namespace");
  if (namespace !== undefined && !isNamespaceName(namespace))
    throw context.broken("cannot be the name of a namespace", "namespace");
  return { name, namespace, cluster, user, userName };
}
