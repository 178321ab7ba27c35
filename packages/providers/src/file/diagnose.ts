import type { Finding } from "@tacit/core/provider";
import type { Surroundings } from "./place.ts";
export function diagnose(surroundings: Surroundings): readonly Finding[] {
  return [];
}
