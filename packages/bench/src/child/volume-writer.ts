import { filesOf, pairKeys, swapVolume } from "../double/atomic-volume.ts";

/** What the writer is asked to do; it answers every order with `WriterAnswer`. */
export type WriterOrder =
  | {
      readonly kind: "swap";
      readonly directories: readonly string[];
      readonly generation: number;
      readonly keys: readonly string[];
      readonly changed?: number;
    }
  | { readonly kind: "burst"; readonly directory: string; readonly from: number; readonly rotations: number };

/** When the last rename happened, in nanoseconds of the shared clock. */
export interface WriterAnswer {
  readonly renamedAt: string;
}

function carryOut(order: WriterOrder): bigint {
  let renamedAt = 0n;
  if (order.kind === "swap") {
    const files = filesOf(order.keys, order.generation, order.changed);
    for (const directory of order.directories) renamedAt = swapVolume(directory, order.generation, files);
    return renamedAt;
  }
  for (let index = 0; index < order.rotations; index++) {
    renamedAt = swapVolume(order.directory, order.from + index, filesOf(pairKeys, order.from + index));
  }
  return renamedAt;
}

process.on("message", (order: WriterOrder) => {
  const renamedAt = carryOut(order);
  process.send?.({ renamedAt: renamedAt.toString() } satisfies WriterAnswer);
});
