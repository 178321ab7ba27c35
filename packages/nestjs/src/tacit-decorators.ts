import type { Declared, SecretChange, SecretsOf, SecretWatch, WatchOf } from "@tacit/core";
import { InjectSecret, InjectSecrets } from "./inject-secret.ts";
import { type MethodDecoratorFor, OnSecretChange, type OnSecretChangeOptions } from "./on-secret-change.ts";

/** The aliases of a declaration. */
export type AliasOf<D extends Declared> = keyof D["declarations"] & string;

/** The argument of a listener of an alias. */
export type ChangeOf<D extends Declared, K extends AliasOf<D>> =
  WatchOf<D, K> extends SecretWatch<infer T> ? SecretChange<NonNullable<T>> : never;

/** The decorators of one client, checked against its declarations. */
export interface TacitDecorators<D extends Declared> {
  /** Injects the watch of an alias into a matching parameter or property. */
  InjectSecret<K extends AliasOf<D>>(alias: K): WatchDecorator<D, K>;
  /** Injects the client into a matching parameter or property. */
  InjectSecrets(): InjectDecoratorFor<SecretsOf<D>>;
  /** Calls a method with each change of a secret. */
  OnSecretChange<K extends AliasOf<D>>(
    alias: K,
    options?: Omit<OnSecretChangeOptions, "client">,
  ): ChangeDecorator<D, K>;
}

/** Injects the watch of `K`. An interface, so that a declaration file of an application can name it. */
export interface WatchDecorator<D extends Declared, K extends AliasOf<D>> extends InjectDecoratorFor<WatchOf<D, K>> {}

/** Listens to changes of `K`. */
export interface ChangeDecorator<D extends Declared, K extends AliasOf<D>> extends MethodDecoratorFor<ChangeOf<D, K>> {}

/** A decorator for a parameter of a constructor or for a property, of a type that a `W` may be given to. */
export interface InjectDecoratorFor<W> {
  <C extends abstract new (...parameters: never) => unknown, I extends number>(
    target: C,
    key: undefined,
    index: I & Fits<W, ParameterAt<C, I>>,
  ): void;
  /** TypeScript does not expose the type of a private property to a decorator, so it is not checked. */
  <T extends object, K extends string | symbol>(target: T, key: K & Fits<W, K extends keyof T ? T[K] : unknown>): void;
}

type ParameterAt<C, I extends number> = C extends abstract new (...parameters: infer P) => unknown ? P[I] : never;

/** Stands in a compiler's message where a type does not fit. */
interface DoesNotTake<W> {
  readonly "its type does not accept the injected value": W;
}
type Fits<W, Target> = [W] extends [Target] ? unknown : DoesNotTake<W>;

/**
 * Creates the decorators for one client: `createTacitDecorators<typeof declared>()`. The compiler then refuses an undeclared
 * alias, and a parameter, property or method of a different type. They work like the decorators of the same names.
 */
export function createTacitDecorators<D extends Declared>(client?: string): TacitDecorators<D> {
  return {
    InjectSecret: (alias) => InjectSecret(alias, client) as InjectDecoratorFor<never>,
    InjectSecrets: () => InjectSecrets(client) as InjectDecoratorFor<never>,
    OnSecretChange: (alias, options) =>
      OnSecretChange(alias, client === undefined ? { ...options } : { ...options, client }),
  };
}
