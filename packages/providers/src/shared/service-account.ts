import type { CredentialSource } from "@tacit/core/provider";

const mount = "/var/run/secrets/kubernetes.io/serviceaccount/";

/** The token of the pod's service account, where the kubelet mounts it unless the pod says otherwise. */
export const serviceAccountToken: CredentialSource & { readonly $file: string } = { $file: `${mount}token` };

/** Whether a login, as its options have it, reads what is mounted of the service account. */
export function readsServiceAccount(auth: object): boolean {
  return Object.values(auth).some((member) => typeof member?.$file === "string" && member.$file.startsWith(mount));
}
