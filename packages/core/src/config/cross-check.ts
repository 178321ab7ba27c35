import { nearest } from "../name/nearest.ts";
import type { ConfigProblem } from "./config-problem.ts";
import { isRecord, type JsonPath } from "./json-path.ts";

/**
 * Checks the references within a document: the providers of routes and bindings, and the adapters of providers. Accepts an invalid
 * document and skips malformed parts, so that its problems are reported together with those of the schema.
 */
export function crossProblems(document: unknown, adapterNames: readonly string[]): readonly ConfigProblem[] {
  const providers = members(document, "providers");
  const names = providers.map(([name]) => name);
  return [
    ...providers.flatMap(([name, entry]) => adapterProblem(entry, ["providers", name, "use"], adapterNames)),
    ...elements(document, "routes").flatMap(([index, route]) =>
      elements(route, "to").flatMap(([rank, to]) => providerProblem(to, ["routes", index, "to", rank], names)),
    ),
    ...members(document, "bindings").flatMap(([name, binding]) => bindingProblems(binding, ["bindings", name], names)),
  ];
}

function bindingProblems(binding: unknown, path: JsonPath, names: readonly string[]): readonly ConfigProblem[] {
  const parts = members(binding, "fields").map(([field, part]): [unknown, JsonPath] => [
    part,
    [...path, "fields", field],
  ]);
  return [[binding, path] as [unknown, JsonPath], ...parts].flatMap(([part, at]) =>
    isRecord(part) ? providerProblem(part.provider, [...at, "provider"], names) : [],
  );
}

function providerProblem(name: unknown, path: JsonPath, names: readonly string[]): readonly ConfigProblem[] {
  if (typeof name !== "string" || name === "" || names.includes(name)) return [];
  return [
    {
      path,
      message: `is not a provider of this document${hint(name, names)}`,
      reason: "unknown-provider",
      tip: names.length === 0 ? "List it under `providers`." : `The providers here are ${names.join(", ")}.`,
    },
  ];
}

function adapterProblem(entry: unknown, path: JsonPath, adapterNames: readonly string[]): readonly ConfigProblem[] {
  const use = isRecord(entry) ? entry.use : undefined;
  if (typeof use !== "string" || use === "" || adapterNames.includes(use)) return [];
  return [
    {
      path,
      message: `is not an adapter that the application passed${hint(use, adapterNames)}`,
      reason: "unknown-adapter",
      tip:
        adapterNames.length === 0
          ? "Pass `adapters` from @tacit/providers to createSecrets."
          : `The adapters passed are ${adapterNames.join(", ")}.`,
    },
  ];
}

function hint(word: string, candidates: readonly string[]): string {
  const meant = nearest(word, candidates);
  return meant === undefined ? "" : `; did you mean ${meant}?`;
}

function members(parent: unknown, key: string): readonly [string, unknown][] {
  const child = isRecord(parent) && Object.hasOwn(parent, key) ? parent[key] : undefined;
  return isRecord(child) ? Object.entries(child) : [];
}

function elements(parent: unknown, key: string): readonly [number, unknown][] {
  const child = isRecord(parent) && Object.hasOwn(parent, key) ? parent[key] : undefined;
  return Array.isArray(child) ? [...child.entries()] : [];
}
