import { startWriterProcess, type WriterProcess } from "./writer-process.ts";

/** How a program that is not the kubelet writes one file. */
export interface RenameWrite {
  /**
   * `consul-template`: also Vault Agent; the temporary name is digits alone, and equal content is not written again.
   * `token-sink`: Vault Agent's token; `<name>.tmp.<hex>`. `aws-csi`: the AWS provider of the Secrets Store CSI driver;
   * `<name><digits>`. `in-place`: truncates the file and writes it in two parts.
   */
  readonly style: "consul-template" | "token-sink" | "aws-csi" | "in-place";
  /** Of consul-template: keeps the last one as `<name>.bak`; what that was is `<name>.old.bak` meanwhile. */
  readonly backup?: boolean;
  /** Of the finished file. Default: what it has, else 0644. */
  readonly mode?: number;
  /** Stops after this step, as a writer that is killed; what it did so far stays. */
  readonly crashAfter?: "half" | "temporary" | "backup";
}

/** One thing that the writer does in its directory. */
export type RenameStep =
  | ({ readonly do: "write"; readonly name: string; readonly content: string | Uint8Array } & RenameWrite)
  /** Makes the directory. */
  | { readonly do: "create" }
  /** `rm -rf` of the directory, or of a name in it. */
  | { readonly do: "remove"; readonly name?: string }
  /** Gives the directory another name, beside it, or takes it back. */
  | { readonly do: "move-away" | "move-back" }
  | { readonly do: "chmod"; readonly name?: string; readonly mode: number }
  | { readonly do: "pause"; readonly ms: number };

/** Whether a write changed the file. */
export interface RenameReport {
  readonly written: boolean;
}

/** A process that writes plain files as agents and CSI providers do: each by a rename of its own. */
export type RenameWriter = WriterProcess<RenameStep, RenameReport>;

/** Starts a writer for a directory, which it makes at the first write. The caller stops it. */
export function startRenameWriter(directory: string): Promise<RenameWriter> {
  return startWriterProcess(new URL("./rename-writer-process.ts", import.meta.url), directory);
}
