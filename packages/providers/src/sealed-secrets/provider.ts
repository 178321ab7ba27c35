import type { CallContext, Provider, ProviderHost, SecretPayload } from "@tacit/core/provider";
import { openEncryptedFiles } from "../shared/encrypted-files/open-encrypted-files.ts";
import type { FileSystem } from "../shared/files/file-system.ts";
import { sealedError } from "../shared/keys/errors.ts";
import { type Keys, openKeys } from "../shared/keys/open-keys.ts";
import { loadOnce } from "../shared/load-once.ts";
import type { SealedSecretsOptions } from "./options.ts";

const loadParts = loadOnce(() => Promise.all([import("./sealed-object.ts"), import("./open-value.ts")]));

/** Opens a provider over one root directory; nothing is read before the first call. */
export function openSealedSecretsProvider(
  options: SealedSecretsOptions,
  host: ProviderHost,
  fileSystem?: FileSystem,
): Provider {
  const keys = openKeys(options.keys, host);
  return openEncryptedFiles(
    options,
    {
      payload: "fields",
      extensions: [".yaml", ".yml", ".json"],
      decrypt: (bytes, path, context) => unseal({ bytes, path, namespace: options.namespace }, keys, context),
      diagnose: (context) => keys.diagnose(context),
      close: () => keys.close(),
    },
    host,
    fileSystem,
  );
}

/** Opens one SealedSecret whole: one value that does not open refuses all of it, as in the cluster. */
async function unseal(
  {
    bytes,
    path,
    namespace,
  }: { readonly bytes: Uint8Array; readonly path: string; readonly namespace: string | undefined },
  keys: Keys,
  context: CallContext,
): Promise<SecretPayload> {
  const [{ readSealedObject }, { openSealedValue, parseSealedValue }] = await loadParts();
  const { label, encrypted, templates } = await readSealedObject(bytes, path, namespace);
  const fields = new Map<string, Uint8Array>();
  for (const [key, text] of encrypted) {
    const value = parseSealedValue(text, key);
    const sessionKey = await keys.unwrap([{ use: "sealed-secrets", label, ciphertext: value.wrapped }], context);
    fields.set(key, openSealedValue(value, sessionKey, key));
    sessionKey.fill(0);
  }
  if (templates.size > 0) {
    const { renderTemplates } = await import("./render-template.ts");
    for (const [key, value] of renderTemplates(templates, fields)) fields.set(key, value);
  }
  if (fields.size === 0) throw sealedError("malformed", "seals nothing", "Seal it again with kubeseal.");
  return { kind: "fields", fields };
}
