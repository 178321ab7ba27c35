import { type DiscoveryService, MetadataScanner } from "@nestjs/core";
import { type ListenerMark, marksOf } from "./on-secret-change.ts";

/** One `@OnSecretChange` of one instance. */
export interface FoundListener {
  readonly mark: ListenerMark;
  /** For a line of a log: `UsersService.onDatabase`. */
  readonly title: string;
  /** Absent where there is no instance to call: a provider per request, or one of its own for each who injects it. */
  readonly call?: (change: unknown) => unknown;
}

type Provider = ReturnType<DiscoveryService["getProviders"]>[number];

const scanner = new MetadataScanner();

/** Finds the listeners of every provider, controller and module that the application holds now. */
export function findListeners(discovery: DiscoveryService): readonly FoundListener[] {
  const seen = new Set<unknown>();
  return [...discovery.getProviders(), ...discovery.getControllers()].flatMap((provider) => {
    const single = provider.isDependencyTreeStatic() && !provider.isTransient;
    const target: unknown = single ? provider.instance : provider.metatype;
    // One instance may be provided by several modules and under several tokens.
    if (seen.has(target)) return [];
    seen.add(target);
    return single ? ofInstance(target) : ofClass(provider);
  });
}

function ofInstance(instance: unknown): readonly FoundListener[] {
  if (typeof instance !== "object" || instance === null) return [];
  return markedMethods(Object.getPrototypeOf(instance)).map(({ method, ...found }) => ({
    ...found,
    call: (change) => (instance as Readonly<Record<string, (change: unknown) => unknown>>)[method]?.(change),
  }));
}

function ofClass({ metatype }: Provider): readonly FoundListener[] {
  return markedMethods((metatype as { readonly prototype?: object } | null)?.prototype ?? null);
}

function markedMethods(prototype: object | null): readonly (FoundListener & { readonly method: string })[] {
  if (prototype === null) return [];
  const methods = prototype as Readonly<Record<string, unknown>>;
  return scanner
    .getAllMethodNames(prototype)
    .flatMap((method) =>
      marksOf(methods[method]).map((mark) => ({ mark, method, title: `${prototype.constructor.name}.${method}` })),
    );
}
