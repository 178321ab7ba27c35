import { SecretError } from "@tacit/core/provider";

/** What a path of this provider means; without a namespace, in the configured one. */
export interface ApiPath {
  readonly kind: "secret" | "token";
  readonly namespace: string | undefined;
  /** Of the Secret, or of the service account. */
  readonly name: string;
}

/**
 * Reads `name`, `namespace/name`, `serviceaccount/name` or `namespace/serviceaccount/name`.
 * @throws {SecretError} INVALID_NAME `path` before anything is asked
 */
export function parsePath(path: string): ApiPath {
  const segments = path.split("/");
  const name = segments.pop() ?? "";
  const isToken = segments.at(-1) === accounts;
  if (isToken) segments.pop();
  const [namespace, ...rest] = segments;
  if (isObjectName(name) && rest.length === 0 && (namespace === undefined || isNamespaceName(namespace)))
    return { kind: isToken ? "token" : "secret", namespace, name };
  throw new SecretError("INVALID_NAME", "a path of a kubernetes provider is not the name of a Secret", {
    reason: "path",
    tip: 'Write "db-primary", "billing/db-primary" for another namespace, or "serviceaccount/app" for a token: lower-case letters, digits, "-" and ".".',
  });
}

/**
 * The Secret of a name: the prefix and the name joined by `/`, in which `/` and `_`, which no Secret's name holds, are `-`.
 * @throws {SecretError} INVALID_NAME `path` for what is no Secret's name even so, as with capitals
 */
export function toSecretPath(name: string, prefix?: string): string {
  const whole = prefix === undefined ? name : `${prefix.replace(/\/+$/, "")}/${name}`;
  const secret = whole.replace(/[/_]/g, "-");
  if (isObjectName(secret)) return secret;
  throw new SecretError("INVALID_NAME", "no Kubernetes Secret can have that name", {
    reason: "path",
    tip: "Names of Secrets are lower-case letters, digits, dashes and dots, and begin and end with a letter or digit; bind the name to a Secret.",
  });
}

/** RFC 1123 subdomain. @see https://kubernetes.io/docs/concepts/overview/working-with-objects/names/ */
function isObjectName(name: string): boolean {
  return name.length <= 253 && name.split(".").every((part) => /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(part));
}

/** RFC 1123 label. */
export function isNamespaceName(name: string): boolean {
  return name.length <= 63 && /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(name);
}

/** `version`, or `app.kubernetes.io/version`. */
export function isLabelKey(key: string): boolean {
  const [name = "", domain, ...rest] = key.split("/").reverse();
  const isName = name.length <= 63 && /^[A-Za-z0-9]([\w.-]*[A-Za-z0-9])?$/.test(name);
  return isName && rest.length === 0 && (domain === undefined || isObjectName(domain));
}

/** Stands for no namespace; one of that name can only be the configured one. */
const accounts = "serviceaccount";
