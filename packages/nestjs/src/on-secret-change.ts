import { SetMetadata } from "@nestjs/common";
import { Reflector } from "@nestjs/core";
import { SecretError } from "@tacit/core";
import { checkArgument, checkOptions, optionRules } from "@tacit/core/provider";

/** How a method listens. */
export interface OnSecretChangeOptions {
  /** Whether it is also called once with the present value when the application has started; default: no. */
  readonly initial?: boolean;
  /** The `name` of the client; default: the one without. */
  readonly client?: string;
}

/** A decorator for methods that take a `C`, or nothing. */
export interface MethodDecoratorFor<C> {
  /**
   * Decorates an instance method.
   * @typeParam M - The method.
   */
  <M extends (change: C) => unknown>(
    target: object,
    key: string | symbol,
    descriptor: TypedPropertyDescriptor<M>,
  ): void;
}

/** What `OnSecretChange` leaves on a method. */
export interface ListenerMark extends OnSecretChangeOptions {
  readonly alias: string;
}

const marksKey = "tacit:listeners";
const reflector = new Reflector();

/**
 * Calls this method of a provider, a controller or a module with each change of a secret, one after the other, from when the
 * application has started until it is closed. It may be set several times. An exception of the method is logged and reported as
 * `listener-failed`; nothing else happens. `createTacitDecorators` has one that checks the alias and the type.
 * @throws {SecretError} INVALID_CONFIG on anything but an instance's method
 */
export function OnSecretChange(alias: string, options: OnSecretChangeOptions = {}): MethodDecoratorFor<never> {
  checkArgument("OnSecretChange", "alias", alias, optionRules.text);
  checkOptions("OnSecretChange", options, { initial: optionRules.flag, client: optionRules.text });
  return (target, key, descriptor) => {
    const method: unknown = descriptor?.value;
    // NestJS finds methods by their names alone, so a symbol would never be called.
    if (typeof target === "function" || typeof method !== "function" || typeof key !== "string") throw misplaced(alias);
    // Decorators run from the last line to the first.
    const marks: readonly ListenerMark[] = [{ ...options, alias }, ...marksOf(method)];
    SetMetadata(marksKey, marks)(target, key, descriptor);
  };
}

/** The marks on a method, as they are written; none on anything else. */
export function marksOf(method: unknown): readonly ListenerMark[] {
  if (typeof method !== "function") return [];
  return reflector.get<readonly ListenerMark[] | undefined>(marksKey, method) ?? [];
}

function misplaced(alias: string): SecretError {
  return new SecretError("INVALID_CONFIG", `@OnSecretChange("${alias}") is not on an instance method`, {
    reason: "module-setup",
    reference: alias,
    tip: "Use it on a named method of a provider or controller, and compile with `experimentalDecorators`.",
  });
}
