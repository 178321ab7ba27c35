import { existsSync } from "node:fs";
import type { Finding } from "@tacit/core/provider";

/** Where Kubernetes mounts the token of a pod's service account. */
const tokenFile = "/var/run/secrets/kubernetes.io/serviceaccount/token";

/** Returns the finding of a provider that does not use the service account token that is mounted; none where no token is. */
export function unusedAccountToken(exists: (file: string) => boolean = existsSync): readonly Finding[] {
  if (!exists(tokenFile)) return [];
  return [
    {
      level: "warning",
      code: "service-account-token",
      message: "a service account token is mounted, and no provider uses it",
      tip: "Set automountServiceAccountToken: false for the pod, unless the application calls the Kubernetes API itself: whoever can read its files has the rights of that token.",
      unanimous: true,
    },
  ];
}
