import { existsSync } from "node:fs";
import { join } from "node:path";
import { type Finding, isSecretError } from "@tacit/core/provider";
import { unusedAccountToken } from "../shared/findings.ts";
import type { Patient } from "./diagnose.ts";
import { record } from "./object-meta.ts";
import type { AccountFiles } from "./service-account-files.ts";

/** What can be said of the service account and of the way to the API server without asking it. */
export function accountFindings({ connection, files, host, surroundings }: Patient): readonly Finding[] {
  if (connection.access.kind !== "in-cluster") {
    return unusedAccountToken(() => existsSync(join(surroundings.accountDirectory, "token")));
  }
  try {
    const account = files.read();
    return [...tokenFindings(account, host.clock.now()), ...fileFindings(account), ...proxyFindings(surroundings)];
  } catch (error) {
    if (!isSecretError(error)) throw error;
    return [{ level: "error", code: "service-account", message: error.message, tip: error.tip }];
  }
}

type Surrounding = Patient["surroundings"];

/** The claims are read, not checked: that is what the API server does. */
function tokenFindings({ token }: AccountFiles, now: number): readonly Finding[] {
  const { exp, iat } = claimsOf(token);
  if (exp === undefined) {
    return [
      {
        level: "warning",
        code: "token-without-end",
        message: "the service account's token never expires",
        tip: "Mount a projected token in place of the Secret of type kubernetes.io/service-account-token.",
      },
    ];
  }
  if (exp <= now) {
    return [
      {
        level: "error",
        code: "token-expired",
        message: `the service account's token expired ${Math.round((now - exp) / 1000)} s ago`,
        tip: "The kubelet renews it in the mount: look whether the mount is a copy, or a subPath, which is never renewed.",
      },
    ];
  }
  // The kubelet renews at 80 % of the lifetime, or after a day.
  const isOld = iat !== undefined && now - iat > Math.min(0.9 * (exp - iat), 25 * 3_600_000);
  if (!isOld) return [];
  return [
    {
      level: "warning",
      code: "token-not-renewed",
      message: `the service account's token is ${Math.round((now - iat) / 60_000)} min old and should have been renewed`,
      tip: "Look whether the mount is a copy, or a subPath, which is never renewed.",
    },
  ];
}

function fileFindings({ ca, namespace }: AccountFiles): readonly Finding[] {
  const found: Finding[] = [];
  if (ca === undefined || !/-----BEGIN CERTIFICATE-----/.test(ca)) {
    found.push({
      level: "error",
      code: "ca-missing",
      message: "the service account's files hold no certificate authority",
      tip: "Look for ca.crt beside the token; a hand-made projected volume needs the ConfigMap kube-root-ca.crt among its sources.",
    });
  }
  if (namespace === undefined || namespace === "") {
    found.push({
      level: "info",
      code: "namespace-missing",
      message: "the service account's files hold no namespace",
      tip: "Set the option `namespace`, or project metadata.namespace beside the token.",
    });
  }
  return found;
}

function proxyFindings({ environment }: Surrounding): readonly Finding[] {
  const names = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];
  if (!names.some((name) => (environment[name] ?? "") !== "")) return [];
  return [
    {
      level: "info",
      code: "proxy-ignored",
      message: "a proxy is set in the environment; the API server is reached without it",
      tip: "Nothing to do here. Other programs in this pod need the API server's address in NO_PROXY.",
    },
  ];
}

/** In milliseconds. */
function claimsOf(token: string): { readonly exp: number | undefined; readonly iat: number | undefined } {
  const ms = (claim: unknown): number | undefined => (typeof claim === "number" ? claim * 1000 : undefined);
  try {
    const claims = record(JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString()));
    return { exp: ms(claims?.exp), iat: ms(claims?.iat) };
  } catch {
    return { exp: undefined, iat: undefined };
  }
}
