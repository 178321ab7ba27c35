import type { AtomicReport, AtomicWrite } from "./atomic-writer.ts";
import { startWriterProcess, type WriterProcess } from "./writer-process.ts";

/** Field values of a volume; text is written as UTF-8. */
export type WriterFields = Readonly<Record<string, string | Uint8Array>>;

/** One thing that the writer does to its directory. */
export type WriterStep =
  | ({ readonly do: "write"; readonly fields: WriterFields } & AtomicWrite)
  /** Makes the directory. */
  | { readonly do: "create" }
  /** `rm -rf` of the directory. */
  | { readonly do: "remove" }
  /** Removes plain files from the directory, as the Secrets Store CSI driver does before it takes over from an older provider. */
  | { readonly do: "remove-plain" }
  /** Takes `..data` away; the next write makes a new one. */
  | { readonly do: "unlink-data" }
  /** Removes what a killed writer left, so that the next one can write. */
  | { readonly do: "clean" }
  /** Of the directory itself, or of a path below the published tree. */
  | { readonly do: "chmod"; readonly mode: number; readonly path?: string }
  | { readonly do: "pause"; readonly ms: number };

export type { AtomicReport, AtomicStep, AtomicWrite } from "./atomic-writer.ts";

/** A process that writes a volume as the kubelet does. */
export interface KubeletWriter extends AsyncDisposable, WriterProcess<WriterStep, AtomicReport> {
  readonly directory: string;
  /** Writes one payload. Rejects where the kubelet's write fails, for example on a left-over `..data_tmp`. */
  write(fields: WriterFields, write?: AtomicWrite): Promise<AtomicReport>;
}

/** Starts a writer for a directory, which it makes at the first write. The caller stops it. */
export async function startKubeletWriter(directory: string): Promise<KubeletWriter> {
  const program = new URL("./kubelet-writer-process.ts", import.meta.url);
  const { run, stop } = await startWriterProcess<WriterStep, AtomicReport>(program, directory);
  return {
    directory,
    run,
    async write(fields, write = {}) {
      const [report] = await run([{ do: "write", fields, ...write }]);
      if (report === undefined) throw new Error("the writer gave no report");
      return report;
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}
