import type { CredentialSource } from "@tacit/core/provider";

const mount = "/var/run/secrets/kubernetes.io/serviceaccount/";

/** The default location of the service account token of a pod. */
export const serviceAccountToken: CredentialSource & { readonly $file: string } = { $file: `${mount}token` };

/** Returns whether the options of a login refer to a file of the mounted service account. */
export function readsServiceAccount(auth: object): boolean {
  return Object.values(auth).some((member) => typeof member?.$file === "string" && member.$file.startsWith(mount));
}
