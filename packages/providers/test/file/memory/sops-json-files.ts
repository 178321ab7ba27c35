import type { MemoryCases } from "./memory-cases.ts";
import { sopsCases } from "./sops-files.ts";

/** Files of SOPS in this format. */
export const format: MemoryCases = sopsCases("json");
