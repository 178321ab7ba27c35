import { z } from "zod";

/** What the document may say of one mount, after validation. */
export type EngineOptions = { readonly engine: "kv-v1" } | { readonly engine: "kv-v2" };

/** One member for each engine. */
export const engineOptions: z.ZodType<EngineOptions> = z.discriminatedUnion("engine", [
  z.strictObject({ engine: z.literal("kv-v1") }),
  z.strictObject({ engine: z.literal("kv-v2") }),
]);
