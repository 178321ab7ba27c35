import type { CallContext, Finding, Provider, ProviderHost, SecretPayload } from "@tacit/core/provider";
import { fourAtATime } from "../shared/batch.ts";
import { openEncryptedFiles } from "../shared/encrypted-files/open-encrypted-files.ts";
import type { FileSystem } from "../shared/files/file-system.ts";
import { clockFindings, unverifiedFindings } from "../shared/findings.ts";
import { StoreApi } from "../shared/store/store-api.ts";
import { bearerLogin, type StoreLogin } from "../shared/store/store-login.ts";
import { meaningOf } from "./errors.ts";
import { parseItems } from "./items.ts";
import type { KamusOptions } from "./options.ts";

/** Opens a provider over one root directory; nothing is read or asked before the first call. @throws {SecretError} INVALID_CONFIG for an address that cannot be used */
export function openKamusProvider(options: KamusOptions, host: ProviderHost, fileSystem?: FileSystem): Provider {
  const { url, auth, tls } = options;
  if (!tls.verify) host.warn("tls-unverified", unverifiedTip);
  const login = (): StoreLogin => bearerLogin(auth.token, "service account token", host);
  const parts = { store: "Kamus", url, options, login, meaningOf, saysMissing: () => false };
  const api = new StoreApi(parts, host);
  /** @see https://github.com/Soluto/kamus/blob/master/docs/user/crypto.md */
  const decrypt = async (data: string, context: CallContext): Promise<Uint8Array> => {
    const request = {
      method: "POST",
      path: "/api/v1/decrypt",
      json: { data },
      headers: { accept: "text/plain" },
    } as const;
    return (await api.request({ ...request, replayable: true }, context)).content();
  };
  return openEncryptedFiles(
    options,
    {
      extensions: [".kamus", ".json"],
      async decrypt(bytes, _path, context): Promise<SecretPayload> {
        const found = parseItems(bytes);
        if (found.kind === "one") return { kind: "value", bytes: await decrypt(found.item, context) };
        const decrypted = await fourAtATime([...found.items], async ([key, item]) => {
          return [key, await decrypt(item, context)] as const;
        });
        return { kind: "fields", fields: new Map(decrypted) };
      },
      async diagnose(context): Promise<readonly Finding[]> {
        await api.request({ path: "/api/v1/isAlive", headers: { accept: "*/*" }, accept: [404] }, context);
        return [
          ...unverifiedFindings(tls, "Kamus", unverifiedTip),
          ...clockFindings(host, api.serverTime, { store: "Kamus", consequence: "tokens seem expired" }),
          archived,
        ];
      },
      close: () => api.close(),
    },
    host,
    fileSystem,
  );
}

const unverifiedTip = 'Remove "tls": { "verify": false }, and set `tls.ca` to the certificate authority of Kamus.';

const archived: Finding = {
  level: "info",
  code: "kamus-archived",
  message: "Kamus has had no release since 2022",
  tip: "Sealed Secrets and SOPS do the same and are maintained: only the provider in the document changes.",
};
