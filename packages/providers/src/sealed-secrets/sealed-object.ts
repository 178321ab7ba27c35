import { sealedError } from "../shared/keys/errors.ts";
import { isRecord, loadManifests, type ManifestRecord, recordIn, textIn } from "../shared/parse/manifests.ts";
import { parseFailures } from "../shared/parse/parse-errors.ts";
import { textOf } from "../shared/parse/text.ts";

/** One SealedSecret. */
export interface SealedObject {
  /** What its values are bound to: `<namespace>/<name>`, `<namespace>`, or nothing. */
  readonly label: string;
  /** key -> sealed value, base64 */
  readonly encrypted: ReadonlyMap<string, string>;
  /** key -> a Go template over the opened values */
  readonly templates: ReadonlyMap<string, string>;
}

/**
 * Reads the one SealedSecret of a file.
 * @param namespace where the file names none
 * @throws {SecretError} INVALID_VALUE `malformed`, `namespace`, `too-large`, and what parsing throws
 */
export async function readSealedObject(
  bytes: Uint8Array,
  path: string,
  namespace: string | undefined,
): Promise<SealedObject> {
  const failures = parseFailures(path, "a SealedSecret");
  if (bytes.length > mostBytes) throw failures.tooLarge(`is larger than ${mostBytes} bytes`);
  const manifests = (await loadManifests())(textOf(bytes, failures), failures);
  const [object, second] = manifests.filter(
    ({ apiVersion, kind }) => kind === "SealedSecret" && apiVersion === "bitnami.com/v1alpha1",
  );
  if (object === undefined || second !== undefined)
    throw malformed(
      "contains no SealedSecret (bitnami.com/v1alpha1), or more than one",
      "Write each into a separate file with kubeseal.",
    );
  const spec = recordIn(object, "spec");
  if (spec.data !== undefined && spec.data !== null)
    throw malformed(
      "seals a whole Secret at once (spec.data)",
      "Seal it again: kubeseal has written encryptedData since 2018.",
    );
  const encrypted = texts(recordIn(spec, "encryptedData"), "encryptedData");
  if (encrypted.size > mostKeys) throw failures.tooLarge(`has more than ${mostKeys} keys`);
  return {
    label: labelOf(object, namespace),
    encrypted,
    templates: texts(recordIn(recordIn(spec, "template"), "data"), "template.data"),
  };
}

const mostBytes = 2 * 1024 * 1024;
const mostKeys = 1000;

function labelOf(object: ManifestRecord, byDefault: string | undefined): string {
  const metadata = recordIn(object, "metadata");
  const annotations = recordIn(metadata, "annotations");
  if (annotations["sealedsecrets.bitnami.com/cluster-wide"] === "true") return "";
  const namespace = textIn(metadata, "namespace") ?? byDefault;
  if (namespace === undefined)
    throw sealedError(
      "namespace",
      "has no namespace, to which its values are bound",
      "Set the option `namespace`, or metadata.namespace in the file.",
    );
  if (annotations["sealedsecrets.bitnami.com/namespace-wide"] === "true") return namespace;
  const name = textIn(metadata, "name");
  if (name === undefined) throw malformed("has no metadata.name", "Seal it again with kubeseal.");
  return `${namespace}/${name}`;
}

function texts(record: ManifestRecord, place: string): ReadonlyMap<string, string> {
  return new Map(
    Object.entries(record).map(([key, value]) => {
      if (typeof value !== "string" || isRecord(value))
        throw malformed(`has a value in ${place} that is not text`, "Seal it again with kubeseal.");
      return [key, value];
    }),
  );
}

function malformed(what: string, tip: string): ReturnType<typeof sealedError> {
  return sealedError("malformed", what, tip);
}
