import { SecretError } from "@tacit/core/provider";

/** A parsed path of this provider. Without a namespace, it refers to the configured one. */
export interface ApiPath {
  readonly kind: "secret" | "token";
  readonly namespace: string | undefined;
  /** The name of the Secret or of the service account. */
  readonly name: string;
}

/**
 * Parses `name`, `namespace/name`, `serviceaccount/name` or `namespace/serviceaccount/name`.
 * @throws {SecretError} INVALID_NAME `path`
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
 * Returns the Secret of a name: the prefix and the name joined by `/`, with `/` and `_`, which the name of a Secret cannot
 * contain, replaced with `-`.
 * @throws {SecretError} INVALID_NAME `path` if the result is not the name of a Secret, for example because of capital letters
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

/**
 * Whether a name is an RFC 1123 subdomain.
 * @see https://kubernetes.io/docs/concepts/overview/working-with-objects/names/
 */
function isObjectName(name: string): boolean {
  return name.length <= 253 && name.split(".").every((part) => /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(part));
}

/** Whether a name is an RFC 1123 label. */
export function isNamespaceName(name: string): boolean {
  return name.length <= 63 && /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(name);
}

/** Whether a text is a label key, such as `version` or `app.kubernetes.io/version`. */
export function isLabelKey(key: string): boolean {
  const [name = "", domain, ...rest] = key.split("/").reverse();
  const isName = name.length <= 63 && /^[A-Za-z0-9]([\w.-]*[A-Za-z0-9])?$/.test(name);
  return isName && rest.length === 0 && (domain === undefined || isObjectName(domain));
}

/** The segment that marks a token. A namespace of this name can only be used as the configured one. */
const accounts = "serviceaccount";
