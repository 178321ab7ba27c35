import type { Finding, Provider, ProviderHost, SecretPayload } from "@tacit/core/provider";
import { openEncryptedFiles } from "../shared/encrypted-files/open-encrypted-files.ts";
import { parseDecrypted } from "../shared/encrypted-files/parse-decrypted.ts";
import type { FileSystem } from "../shared/files/file-system.ts";
import { ageIdentities } from "../shared/keys/age/identities.ts";
import { noKeyError } from "../shared/keys/errors.ts";
import { keyHost } from "../shared/keys/key-host.ts";
import { loadOnce } from "../shared/load-once.ts";
import type { formats } from "../shared/parse/field-parser.ts";
import type { AgeOptions } from "./options.ts";

/** Opens a provider over one root directory; nothing is read before the first call. */
export function openAgeProvider(options: AgeOptions, host: ProviderHost, fileSystem?: FileSystem): Provider {
  const identities = options.keys.map((key, index) => ageIdentities(key, keyHost(host, index)));
  return openEncryptedFiles(
    options,
    {
      extensions: [".age"],
      async decrypt(bytes, path): Promise<SecretPayload> {
        const { decryptAge } = await loadAgeFile();
        const all = (await Promise.all(identities.map((read) => read()))).flat();
        const content = await decryptAge(bytes, all);
        if (content === undefined) throw noKeyError(["age"], ["age"]);
        const format = formatOf(options.parse, path);
        return format === undefined ? { kind: "value", bytes: content } : parseDecrypted(format, content, path);
      },
      async diagnose(): Promise<readonly Finding[]> {
        const { identityFindings } = await import("../shared/keys/age/findings.ts");
        return identityFindings(identities);
      },
    },
    host,
    fileSystem,
  );
}

const loadAgeFile = loadOnce(() => import("../shared/keys/age/age-file.ts"));

type Format = (typeof formats)[number];

/** Undefined for one value. */
function formatOf(parse: AgeOptions["parse"], path: string): Format | undefined {
  if (parse === "raw") return undefined;
  if (parse !== "extension") return parse;
  const [, extension = ""] = /\.(json|ya?ml|env|properties|ini)(?:\.age)?$/.exec(path) ?? [];
  return extension === "yml" ? "yaml" : extension === "" ? undefined : (extension as Format);
}
