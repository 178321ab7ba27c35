import type { Declarations, OpenSecrets } from "@tacit/core";
import type { Clock, Supports } from "@tacit/core/provider";
import { aliasOf, names, valueFor } from "../fixture.ts";
import { type MemoryGet, memoryAdapter, memoryConfig, valueResult } from "./memory-adapter.ts";

/** What a client over the memory adapter is made of. */
export interface MemoryClientOptions {
  /** By default each of `names` under its alias. */
  readonly declare?: Declarations;
  /** By default the value that belongs to the name. */
  readonly get?: MemoryGet;
  readonly supports?: Partial<Supports>;
  readonly clock?: Clock;
  readonly random?: () => number;
}

/** The aliases of `names`, in their order. */
export const aliases: readonly string[] = names.map(aliasOf);

/** alias -> declaration of one text secret per name */
const declaredNames: Declarations = Object.fromEntries(names.map((name) => [aliasOf(name), { ref: name }]));

/** Opens a client of the built package over a store in memory; not yet loaded. The caller closes it. */
export async function openMemoryClient(options: MemoryClientOptions = {}): Promise<OpenSecrets<Declarations>> {
  const { createSecrets, declareSecrets } = await import("@tacit/core");
  const get: MemoryGet = options.get ?? ((path) => valueResult(valueFor(path), "1"));
  return createSecrets({
    adapters: { memory: memoryAdapter(get, options.supports) },
    config: memoryConfig,
    declare: declareSecrets(options.declare ?? declaredNames),
    strict: false,
    ...(options.clock === undefined ? {} : { clock: options.clock }),
    ...(options.random === undefined ? {} : { random: options.random }),
  });
}

/** Opens a client of the built packages over a mounted folder; not yet loaded. The caller closes it. */
export async function openMountClient(root: string, declare: Declarations): Promise<OpenSecrets<Declarations>> {
  const { createSecrets, declareSecrets } = await import("@tacit/core");
  const { adapters } = await import("@tacit/providers");
  return createSecrets({
    adapters,
    config: {
      providers: { mount: { use: "file", root } },
      routes: [{ match: "**", to: ["mount"] }],
      cache: { ttl: "5m", maxEntries: 1_000_000 },
    },
    declare: declareSecrets(declare),
    strict: false,
  });
}
