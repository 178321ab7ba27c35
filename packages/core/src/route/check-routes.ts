import type { ParsedConfig } from "../config/parsed-config.ts";
import type { ResolvedDeclaration } from "../declare/resolve-declarations.ts";
import { isSecretError, SecretError } from "../error/secret-error.ts";
import { parseReference } from "../name/reference.ts";
import type { Router } from "./router.ts";

/** Returns the problems of routes and declarations together: names without a route, names with the same path, and cyclic credentials. */
export function checkRoutes(
  router: Router,
  config: ParsedConfig,
  declarations: ReadonlyMap<string, ResolvedDeclaration>,
): readonly SecretError[] {
  const problems: SecretError[] = [];
  const names = new Set([...declarations.values()].map(({ reference }) => reference.name));
  /** provider and path -> the name that is read there */
  const taken = new Map<string, string>();
  for (const name of names) {
    try {
      router.route(name);
      problems.push(...collisions(router, name, taken));
    } catch (error) {
      problems.push(asConfigError(error, name));
    }
  }
  return [...problems, ...credentialCycles(router, config)];
}

/** Returns the problems of two names with the same path. Bindings are ignored, since they may share a path intentionally. */
function collisions(router: Router, name: string, taken: Map<string, string>): readonly SecretError[] {
  const problems: SecretError[] = [];
  for (const { provider, path, bound } of router.plan(name)) {
    if (bound) continue;
    const place = `${provider.name}\0${path}`;
    const other = taken.get(place);
    if (other === undefined) taken.set(place, name);
    else problems.push(collision(name, other, provider.name, path));
  }
  return problems;
}

function collision(name: string, other: string, provider: string, path: string): SecretError {
  return new SecretError(
    "INVALID_CONFIG",
    `"${name}" and "${other}" are both read at "${path}" of provider "${provider}"`,
    {
      reason: "collision",
      reference: name,
      provider,
      tip: "Rename one of them, or bind it to a path of its own.",
    },
  );
}

/** Converts the error of a name that is invalid in its store to one of the configuration. */
function asConfigError(error: unknown, name: string): SecretError {
  if (!isSecretError(error)) throw error;
  if (!isSecretError(error, "INVALID_NAME")) return error;
  const { message, reason, provider, tip } = error;
  return new SecretError("INVALID_CONFIG", message, { reason: reason ?? "name", reference: name, provider, tip });
}

function credentialCycles(router: Router, config: ParsedConfig): readonly SecretError[] {
  const needs = new Map<string, readonly string[]>();
  for (const provider of config.providers.values()) {
    needs.set(
      provider.name,
      secretReferences(provider.options).flatMap((text) => providersOf(router, text)),
    );
  }
  const cyclic = [...needs.keys()].filter((name) => reaches(name, name, needs, new Set()));
  return cyclic.map(
    (name) =>
      new SecretError("INVALID_CONFIG", `providers.${name}: its credential depends on the provider itself`, {
        reason: "credential-cycle",
        provider: name,
        tip: "Keep the credential of at least one of these providers in a file or a variable.",
      }),
  );
}

function secretReferences(options: unknown): readonly string[] {
  if (typeof options !== "object" || options === null) return [];
  const { $secret } = options as { readonly $secret?: unknown };
  return typeof $secret === "string" ? [$secret] : Object.values(options).flatMap(secretReferences);
}

function providersOf(router: Router, text: string): readonly string[] {
  try {
    return router.plan(parseReference(text).name).map(({ provider }) => provider.name);
  } catch {
    // A reference without a route is reported when the credential is read.
    return [];
  }
}

function reaches(from: string, to: string, needs: ReadonlyMap<string, readonly string[]>, seen: Set<string>): boolean {
  for (const next of needs.get(from) ?? []) {
    if (next === to) return true;
    if (seen.has(next)) continue;
    seen.add(next);
    if (reaches(next, to, needs, seen)) return true;
  }
  return false;
}
