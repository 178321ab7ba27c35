import type { Adapter, Provider, ProviderHost } from "./contract.ts";

/** An adapter with any options, which only its own schema can produce. */
export interface AnyAdapter extends Pick<Adapter, "name" | "options" | "credentials"> {
  /** As of an `Adapter`. */
  toPath?(name: string, options: never): string;
  /** As of an `Adapter`. */
  open(options: never, host: ProviderHost): Provider | Promise<Provider>;
}

/** The adapters of an application by name, each as an adapter or a function that loads it. */
export type Adapters = Readonly<Record<string, AnyAdapter | (() => Promise<AnyAdapter>)>>;
