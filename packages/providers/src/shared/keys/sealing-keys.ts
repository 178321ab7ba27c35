import { createPrivateKey, type KeyObject, type webcrypto, X509Certificate } from "node:crypto";
import { base64Bytes } from "../base64.ts";
import { isRecord, loadManifests, type ManifestRecord, recordIn, textIn } from "../parse/manifests.ts";
import { parseFailures } from "../parse/parse-errors.ts";
import { keyFormatError } from "./errors.ts";

/**
 * Parses the private keys of a Sealed Secrets controller: one or more in PEM, or the output of `kubectl get secret -o yaml` for one or
 * more Secrets. The keys are sorted by the date of their certificates, newest first; those without one come last.
 * @throws {SecretError} UNAUTHENTICATED `key-format`
 */
export async function readSealingKeys(text: string): Promise<readonly webcrypto.CryptoKey[]> {
  const pairs = /^\s*-----BEGIN/.test(text) ? pemPairs(text) : await manifestPairs(text);
  const dated = pairs.map(({ key, certificate }) => ({ key: privateKey(key), from: validFrom(certificate) }));
  if (dated.length === 0 || dated.length > mostKeys)
    throw keyFormatError(label, `contains no key, or more than ${mostKeys}`, useBackup);
  const newestFirst = dated.toSorted((left, right) => right.from - left.from);
  return newestFirst.map(({ key }) => key.toCryptoKey({ name: "RSA-OAEP", hash: "SHA-256" }, false, ["decrypt"]));
}

interface KeyPair {
  readonly key: string;
  readonly certificate?: string | undefined;
}

const label = "sealing key";
/** A controller creates one key each month. */
const mostKeys = 200;
const useBackup =
  "Use tls.key of the controller's Secrets, or a backup: kubectl get secret -n kube-system -l sealedsecrets.bitnami.com/sealed-secrets-key -o yaml.";

function pemPairs(text: string): readonly KeyPair[] {
  const keys = text.match(/-----BEGIN (?:RSA )?PRIVATE KEY-----[^-]+-----END (?:RSA )?PRIVATE KEY-----/g) ?? [];
  return keys.map((key) => ({ key }));
}

async function manifestPairs(text: string): Promise<readonly KeyPair[]> {
  let manifests: readonly ManifestRecord[];
  try {
    manifests = (await loadManifests())(text, parseFailures("keys", "a manifest"));
  } catch {
    throw keyFormatError(label, "is neither PEM nor a manifest", useBackup);
  }
  const secrets = manifests.flatMap((each) => (Array.isArray(each.items) ? each.items.filter(isRecord) : [each]));
  return secrets.flatMap((secret) => {
    const data = recordIn(secret, "data");
    const [key, certificate] = ["tls.key", "tls.crt"].map((name) => {
      const bytes = base64Bytes(textIn(data, name));
      return bytes === undefined ? undefined : Buffer.from(bytes).toString();
    });
    return key === undefined || key === "" ? [] : [{ key, certificate }];
  });
}

function privateKey(pem: string): KeyObject {
  try {
    const key = createPrivateKey(pem);
    if (key.asymmetricKeyType === "rsa") return key;
  } catch {
    // The error of Node may quote the key.
  }
  throw keyFormatError(label, "is not an RSA key", useBackup);
}

function validFrom(certificate: string | undefined): number {
  try {
    return Date.parse(new X509Certificate(certificate ?? "").validFrom);
  } catch {
    return 0;
  }
}
