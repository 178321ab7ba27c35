import type { KubernetesObject } from "@kubernetes/client-node";
import type { CustomKind } from "./custom-kind.ts";

/** The kind that its installation defines, as far as kubeseal writes it. */
export const sealedSecretKind: CustomKind = {
  group: "bitnami.com",
  version: "v1alpha1",
  kind: "SealedSecret",
  spec: {
    type: "object",
    required: ["encryptedData"],
    properties: {
      encryptedData: { type: "object", additionalProperties: { type: "string" } },
      template: { type: "object", "x-kubernetes-preserve-unknown-fields": true },
    },
  },
};

/** What the installation lets the controller do: it writes Secrets everywhere, so its namespace is worth all of them. */
export function sealerRights(namespace: string): readonly KubernetesObject[] {
  const rbac = "rbac.authorization.k8s.io/v1";
  const roleRef = { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "sealed-secrets" };
  const rules = [
    { apiGroups: ["bitnami.com"], resources: ["sealedsecrets"], verbs: ["get", "list", "watch"] },
    { apiGroups: ["bitnami.com"], resources: ["sealedsecrets/status"], verbs: ["update"] },
    { apiGroups: [""], resources: ["secrets"], verbs: ["get", "list", "watch", "create", "update", "delete"] },
    { apiGroups: [""], resources: ["events"], verbs: ["create", "patch"] },
  ];
  const subjects = [{ kind: "ServiceAccount", name: "controller", namespace }];
  const named = { metadata: { name: "sealed-secrets" } };
  const objects = [
    { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "controller", namespace } },
    { apiVersion: rbac, kind: "ClusterRole", ...named, rules },
    { apiVersion: rbac, kind: "ClusterRoleBinding", ...named, roleRef, subjects },
  ];
  return objects;
}
