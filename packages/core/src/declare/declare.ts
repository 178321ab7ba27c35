import { atCaller } from "../error/at-caller.ts";
import type { Declarations, Declared, WrittenDeclarations } from "./declaration.ts";
import { resolveDeclarations } from "./resolve-declarations.ts";

/**
 * Declares the secrets of an application in a separate module, for `createSecrets({ declare })`, the types `SecretsOf` and
 * `WatchOf`, and tests. Declarations do not mention stores.
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
