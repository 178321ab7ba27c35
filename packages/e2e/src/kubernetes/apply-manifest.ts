import { readFileSync } from "node:fs";
import { type KubernetesObject, loadYaml } from "@kubernetes/client-node";
import type { ApiServer } from "../cluster/api-server.ts";
import { type Answer, ask } from "../cluster/request.ts";

/** What is in an object of a manifest, with the text it was read from. */
export interface ManifestObject extends KubernetesObject {
  readonly text: string;
  readonly data?: Readonly<Record<string, string>>;
}

/** The objects of a file of several documents. */
export function readManifest(file: string): readonly ManifestObject[] {
  const documents = readFileSync(file, "utf8").split(/^---\n/m);
  return documents.map((document) => ({ ...loadYaml<KubernetesObject>(document), text: document }));
}

/**
 * Server-side apply of a document as it is written, which the official client would first cut down to what it knows; the
 * API server refuses what it does not know.
 */
export async function applyManifest(apiServer: ApiServer, manifest: ManifestObject): Promise<Answer> {
  const { apiVersion = "", kind = "", metadata, text: body } = manifest;
  const root = apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  const place = metadata?.namespace === undefined ? root : `${root}/namespaces/${metadata.namespace}`;
  const url = new URL(`${place}/${pluralOf(kind)}/${metadata?.name}`, apiServer.url);
  url.search = "?fieldManager=e2e&fieldValidation=Strict";
  const { certificateAuthority, adminToken: token } = apiServer;
  const contentType = "application/apply-patch+yaml";
  return await ask(url.href, { certificateAuthority, token, method: "PATCH", contentType, body });
}

/** How a kind is called in paths. */
export function pluralOf(kind: string): string {
  const word = kind.toLowerCase();
  return word.endsWith("s") ? `${word}es` : `${word}s`;
}
