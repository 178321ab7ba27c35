import type { Provider, ProviderHost } from "@tacit/core/provider";
import { openEncryptedFiles } from "../shared/encrypted-files/open-encrypted-files.ts";
import type { FileSystem } from "../shared/files/file-system.ts";
import { openKeys } from "../shared/keys/open-keys.ts";
import { loadOnce } from "../shared/load-once.ts";
import type { SopsOptions } from "./options.ts";

const loadDecryptFile = loadOnce(() => import("./decrypt-file.ts"));

/** Opens a provider over one root directory; nothing is read before the first call. */
export function openSopsProvider(options: SopsOptions, host: ProviderHost, fileSystem?: FileSystem): Provider {
  const keys = openKeys(options.keys, host);
  return openEncryptedFiles(
    options,
    {
      extensions: [".yaml", ".yml", ".json", ".env", ".ini"],
      async decrypt(bytes, path, context) {
        const { decryptFile } = await loadDecryptFile();
        return decryptFile({ bytes, path, format: options.format }, keys, context);
      },
      diagnose: (context) => keys.diagnose(context),
      close: () => keys.close(),
    },
    host,
    fileSystem,
  );
}
