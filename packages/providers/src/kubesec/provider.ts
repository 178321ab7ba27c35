import type { Provider, ProviderHost } from "@tacit/core/provider";
import { openEncryptedFiles } from "../shared/encrypted-files/open-encrypted-files.ts";
import type { FileSystem } from "../shared/files/file-system.ts";
import { sealedError } from "../shared/keys/errors.ts";
import { openKeys } from "../shared/keys/open-keys.ts";
import { loadOnce } from "../shared/load-once.ts";
import type { KubesecOptions } from "./options.ts";

const loadParts = loadOnce(() => Promise.all([import("./kubesec-file.ts"), import("./decrypt-secret.ts")]));

/** Opens a provider over one root directory; nothing is read before the first call. */
export function openKubesecProvider(options: KubesecOptions, host: ProviderHost, fileSystem?: FileSystem): Provider {
  const keys = openKeys(options.keys, host);
  return openEncryptedFiles(
    options,
    {
      payload: "fields",
      extensions: [".yaml", ".yml"],
      async decrypt(bytes, path, context) {
        const [{ readKubesecFile }, { decryptSecret }] = await loadParts();
        const file = await readKubesecFile(bytes, path);
        const dataKey = await keys.unwrap(
          file.recipients.map(({ wrapped }) => wrapped),
          context,
        );
        const fields = decryptSecret(file, dataKey, options.allowUnauthenticated);
        dataKey.fill(0);
        if (fields.size === 0) throw sealedError("malformed", "contains no values", "Encrypt it again with kubesec.");
        return { kind: "fields", fields };
      },
      diagnose: (context) => keys.diagnose(context),
      close: () => keys.close(),
    },
    host,
    fileSystem,
  );
}
