import { SecretError } from "@tacit/core/provider";
import { isRuntimeDenial } from "../../shared/files/errors.ts";

/**
 * Creates the error for a plugin without credentials. The output of the plugin and the answer of an identity provider may
 * contain a token, so the message contains neither.
 */
export function noCredentials(cause?: unknown): SecretError {
  return new SecretError("UNAUTHENTICATED", "the user of the kubeconfig provided no credentials", {
    reason: "kubeconfig-login",
    cause,
    tip: isRuntimeDenial(cause)
      ? "The runtime refuses to start the plugin: start Node with --allow-child-process, or Deno with --allow-run."
      : 'Try the same context with kubectl, such as "kubectl get namespaces": log in again, or install its plugin.',
  });
}
