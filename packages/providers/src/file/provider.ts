import type { Provider, ProviderHost, SecretPayload, Supports } from "@tacit/core/provider";
import { assertCurrent, guarded } from "../shared/answer.ts";
import { type FileSystem, nodeFileSystem } from "../shared/files/file-system.ts";
import { openFiles } from "../shared/files/open-files.ts";
import { loadOnce } from "../shared/load-once.ts";
import type { FieldParser } from "../shared/parse/field-parser.ts";
import { diagnose } from "./diagnose.ts";
import type { FileOptions } from "./options.ts";

/** The capabilities of a `file` provider. */
export const fileSupports: Supports = {
  payload: "both",
  versions: false,
  subscribe: "local",
  conditional: true,
  defaultPollMs: 10_000,
};

/** Opens a provider over one root directory; nothing is read before the first call. */
export function openFileProvider(
  options: FileOptions,
  host: ProviderHost,
  fileSystem: FileSystem = nodeFileSystem,
): Provider {
  const files = openFiles(options.root, { ...options, decode: decoderOf(options, host) }, host, fileSystem);
  const provider: Provider = {
    supports: fileSupports,
    async get(request, context) {
      assertCurrent(request, "files have only the current version");
      return files.get(request, context);
    },
    place: (path) => `file or directory ${files.place([path])}`,
    subscribe: async (paths, hint) => files.subscribe(paths, hint),
    async check() {
      files.check();
    },
    diagnose: async () => diagnose(files, options.root, fileSystem),
    async close() {
      files.close();
    },
  };
  return guarded(provider, host);
}

/** Loads the parser with the first file that needs it. */
function decoderOf(
  { parse, keys, pattern }: FileOptions,
  host: ProviderHost,
): ((bytes: Uint8Array, path: string) => Promise<SecretPayload>) | undefined {
  if (parse === "raw") return undefined;
  const warn = (code: string, tip: string): void => host.warn(code, tip);
  const load = loadOnce(async (): Promise<FieldParser> => {
    const { createFileParser } = await import("./parse/file-parser.ts");
    return createFileParser({ parse, keys, pattern, warn });
  });
  return async (bytes, path) => ({ kind: "fields", fields: (await load())(bytes, path) });
}
