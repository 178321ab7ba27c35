import { setTimeout as sleep } from "node:timers/promises";
import type { Cluster } from "../cluster/cluster.ts";
import { applyManifest, pluralOf } from "./apply-manifest.ts";

/** A kind of object that an API server does not know by itself. */
export interface CustomKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  /** What its `spec` may hold, as an OpenAPI schema. */
  readonly spec: Readonly<Record<string, unknown>>;
}

/** Teaches an API server a kind, as the installation of whatever handles it would; resolves when it is served. */
export async function defineKind({ apiServer, get }: Cluster, custom: CustomKind): Promise<void> {
  const { group, version, kind, spec } = custom;
  const singular = kind.toLowerCase();
  const plural = pluralOf(kind);
  const status = { type: "object", "x-kubernetes-preserve-unknown-fields": true };
  const schema = { openAPIV3Schema: { type: "object", properties: { spec, status } } };
  const definition = {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      scope: "Namespaced",
      names: { kind, listKind: `${kind}List`, plural, singular },
      versions: [{ name: version, served: true, storage: true, schema, subresources: { status: {} } }],
    },
  };
  const { status: code } = await applyManifest(apiServer, { ...definition, text: JSON.stringify(definition) });
  if (code !== 201) throw new Error(`the API server answered ${code} to the definition of ${kind}`);
  const deadline = performance.now() + 20_000;
  while ((await get(`/apis/${group}/${version}/${plural}`, apiServer.adminToken)).status !== 200) {
    if (performance.now() > deadline) throw new Error(`the API server does not serve ${kind} after 20 s`);
    await sleep(20);
  }
}
