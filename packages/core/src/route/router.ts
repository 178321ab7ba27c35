import type { BindingConfig, BindingPart, ParsedConfig, RouteConfig } from "../config/parsed-config.ts";
import { SecretError } from "../error/secret-error.ts";
import type { Selector } from "../name/selector.ts";
import type { ConfiguredProvider } from "../provider/configured-provider.ts";
import { CompositeSource } from "../source/composite.ts";
import { type FallbackContext, FallbackSource } from "../source/fallback.ts";
import type { PayloadSource } from "../source/source.ts";
import type { SourceCache } from "../source/source-cache.ts";
import { StoreSource } from "../source/store-source.ts";
import { compilePattern, type NamePattern } from "./name-pattern.ts";

/** The source of a name, and the selector of its binding, which applies before that of the reference. */
export interface Routed {
  readonly source: PayloadSource;
  readonly select?: Selector;
}

interface Route extends RouteConfig {
  readonly pattern: NamePattern;
}

/** Converts names to sources by the config document: bindings take precedence, then the most specific route. */
export class Router {
  readonly #config: ParsedConfig;
  readonly #providers: ReadonlyMap<string, ConfiguredProvider>;
  readonly #sources: SourceCache;
  readonly #context: FallbackContext;
  readonly #routes: readonly Route[];
  readonly #allowed: readonly NamePattern[] | undefined;
  /** name -> its source, shared by its views */
  readonly #routed: Map<string, Routed> = new Map();

  constructor(
    config: ParsedConfig,
    providers: ReadonlyMap<string, ConfiguredProvider>,
    sources: SourceCache,
    context: FallbackContext,
  ) {
    this.#config = config;
    this.#providers = providers;
    this.#sources = sources;
    this.#context = context;
    // The sort is stable, so equally specific routes keep the order of the document.
    this.#routes = config.routes
      .map((route) => ({ ...route, pattern: compilePattern(route.match) }))
      .sort((a, b) => b.pattern.literalPrefix - a.pattern.literalPrefix);
    this.#allowed = config.allow?.map(compilePattern);
  }

  /** Returns the source of a name. @throws {SecretError} PERMISSION_DENIED/not-allowed, INVALID_CONFIG/no-route, INVALID_NAME */
  route(name: string): Routed {
    const known = this.#routed.get(name);
    if (known !== undefined) return known;
    if (this.#allowed !== undefined && !this.#allowed.some((pattern) => pattern.matches(name))) throw notAllowed(name);
    const binding = this.#config.bindings.get(name);
    const routed = binding === undefined ? { source: this.#byRoute(name) } : this.#byBinding(name, binding);
    // A StoreSource is already shared by its path.
    if (!(routed.source instanceof StoreSource)) this.#routed.set(name, routed);
    return routed;
  }

  /** Removes the sources of all other names. */
  retain(names: ReadonlySet<string>): void {
    for (const name of this.#routed.keys()) if (!names.has(name)) this.#routed.delete(name);
  }

  /** Returns the providers and paths of a name, including fallbacks. @throws {SecretError} INVALID_CONFIG/no-route, INVALID_NAME */
  plan(
    name: string,
  ): readonly { readonly provider: ConfiguredProvider; readonly path: string; readonly bound: boolean }[] {
    const binding = this.#config.bindings.get(name);
    if (binding !== undefined) {
      const parts = binding.kind === "single" ? [binding.part] : [...binding.fields.values()];
      return parts.map(({ provider, path }) => ({ provider: this.#provider(provider), path, bound: true }));
    }
    return this.#routeOf(name).to.map((to) => {
      const provider = this.#provider(to);
      return { provider, path: provider.toPath(name), bound: false };
    });
  }

  #byRoute(name: string): PayloadSource {
    const { to, fallbackOn } = this.#routeOf(name);
    const sources = to.map((provider) => this.#store(provider, this.#provider(provider).toPath(name)));
    const [only] = sources;
    return sources.length === 1 && only !== undefined
      ? only
      : new FallbackSource(name, sources, fallbackOn, this.#context);
  }

  #byBinding(name: string, binding: BindingConfig): Routed {
    if (binding.kind === "single") {
      const { part } = binding;
      const source = this.#part(part);
      return part.select === undefined ? { source } : { source, select: part.select };
    }
    const parts = [...binding.fields].map(([field, part]) => ({
      field,
      source: this.#part(part),
      select: part.select,
      optional: part.optional,
    }));
    return { source: new CompositeSource(name, parts, this.#context) };
  }

  #part({ provider, path, version }: BindingPart): StoreSource {
    return this.#sources.get(this.#provider(provider), path, version === undefined ? "current" : { id: version });
  }

  #store(provider: string, path: string): StoreSource {
    return this.#sources.get(this.#provider(provider), path, "current");
  }

  #routeOf(name: string): Route {
    const route = this.#routes.find(({ pattern }) => pattern.matches(name));
    if (route !== undefined) return route;
    throw new SecretError("INVALID_CONFIG", `no route or binding matches "${name}"`, {
      reason: "no-route",
      reference: name,
      tip: `Add a route that matches it, or a binding, to ${this.#config.source}.`,
    });
  }

  #provider(name: string): ConfiguredProvider {
    const provider = this.#providers.get(name);
    if (provider !== undefined) return provider;
    throw new SecretError("INVALID_CONFIG", `there is no provider "${name}"`, {
      reason: "unknown-provider",
      provider: name,
    });
  }
}

function notAllowed(name: string): SecretError {
  return new SecretError("PERMISSION_DENIED", `this application may not read "${name}"`, {
    reason: "not-allowed",
    reference: name,
    retryable: false,
    tip: 'Add it to "allow" in the config document if it should be allowed.',
  });
}
