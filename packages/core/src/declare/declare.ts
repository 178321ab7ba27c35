import { atCaller } from "../error/at-caller.ts";
import type { Declarations, Declared, WrittenDeclarations } from "./declaration.ts";
import { resolveDeclarations } from "./resolve-declarations.ts";

/**
 * Declares the secrets of an application in a module of its own, for `createSecrets({ declare })`, the types `SecretsOf` and
 * `WatchOf`, and tests; no line of it names a store.
 * @throws {SecretError} INVALID_CONFIG whose `errors` are all problems
 */
export function declareSecrets<const D extends Declarations, A>(declarations: WrittenDeclarations<D, A>): Declared<D> {
  try {
    resolveDeclarations(declarations);
  } catch (error) {
    throw atCaller(error, declareSecrets);
  }
  return Object.freeze({ declarations: Object.freeze({ ...declarations }) as D });
}
