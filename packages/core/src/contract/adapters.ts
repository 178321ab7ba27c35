import type { Adapter, Provider, ProviderHost } from "./contract.ts";

/** An adapter whatever its options are: only its own schema makes what its `open` takes. */
export interface AnyAdapter extends Pick<Adapter, "name" | "options" | "credentials"> {
  /** As of an `Adapter`. */
  toPath?(name: string, options: never): string;
  /** As of an `Adapter`. */
  open(options: never, host: ProviderHost): Provider | Promise<Provider>;
}

/** The adapters that an application brings: by name, each itself or a function that loads it. */
export type Adapters = Readonly<Record<string, AnyAdapter | (() => Promise<AnyAdapter>)>>;
