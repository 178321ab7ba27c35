import type { Finding } from "../contract/contract.ts";

/** Where Kubernetes mounts the token of a pod's service account. */
const tokenFile = "/var/run/secrets/kubernetes.io/serviceaccount/token";

/**
 * A service account token that is mounted while every provider says that it does not use it. Providers that do not say, or are not
 * open, are given the benefit of the doubt.
 */
export function accountTokenFindings(
  uses: Iterable<boolean | undefined>,
  file: string = tokenFile,
): readonly Finding[] {
  const answers = [...uses];
  if (answers.length === 0 || answers.some((answer) => answer !== false)) return [];
  if (!process.getBuiltinModule("node:fs").existsSync(file)) return [];
  return [
    {
      level: "warning",
      code: "service-account-token",
      message: "a service account token is mounted, and no provider uses it",
      tip: "Set automountServiceAccountToken: false for the pod, unless the application calls the Kubernetes API itself: whoever can read its files has the rights of that token.",
    },
  ];
}
