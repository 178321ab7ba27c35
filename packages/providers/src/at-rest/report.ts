import type { Finding } from "@tacit/core/provider";
import type { ConfigurationNode } from "./configuration-node.ts";

/** A fault or weakness of an EncryptionConfiguration. It contains no part of a key. */
export interface EncryptionFinding extends Finding {
  /** Whether the API server refuses the file: it does not start, or keeps its present configuration. */
  readonly refused: boolean;
  /** `resources[0].providers[1].aescbc.keys[0].secret`; empty for the whole. */
  readonly path: string;
  /** Counted from 1. */
  readonly line: number | undefined;
}

/** The place of a finding. */
export type Place = Pick<ConfigurationNode, "path" | "line">;

/** Collects findings. */
export interface Report {
  /** Adds one for which the API server refuses the file. */
  refuse(code: string, place: Place, what: string, tip: string): void;
  /** Adds one that the API server says nothing about. */
  note(level: Finding["level"], code: string, place: Place, what: string, tip: string): void;
  readonly findings: readonly EncryptionFinding[];
}

export function createReport(): Report {
  const findings: EncryptionFinding[] = [];
  const add = (level: Finding["level"], refused: boolean, code: string, place: Place, what: string, tip: string) => {
    const { path, line } = place;
    const where = [line === undefined ? "" : `line ${line}`, path].filter((part) => part !== "").join(", ");
    findings.push({ level, code, message: where === "" ? what : `${where}: ${what}`, tip, refused, path, line });
  };
  return {
    findings,
    refuse: (code, place, what, tip) => add("error", true, code, place, what, tip),
    note: (level, code, place, what, tip) => add(level, false, code, place, what, tip),
  };
}
