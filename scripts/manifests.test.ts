import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { loadConfig } from "../packages/core/src/config/load-config.ts";
import { parseYaml } from "../packages/core/src/config/yaml-document.ts";
import { createSecrets, object } from "../packages/core/src/index.ts";
import { adapters } from "../packages/providers/src/index.ts";
import { kubernetes } from "../packages/providers/src/kubernetes/index.ts";
import { repository } from "./workspace.ts";

interface Mount {
  readonly name: string;
  readonly mountPath: string;
  readonly readOnly?: boolean;
}
interface Volume {
  readonly name: string;
  readonly secret?: { readonly secretName: string; readonly defaultMode: number };
  readonly configMap?: { readonly name: string; readonly defaultMode: number };
}
interface Container {
  readonly env: readonly { readonly name: string; readonly value: string }[];
  readonly volumeMounts: readonly Mount[];
  readonly securityContext: unknown;
  readonly resources: unknown;
  readonly ports: unknown;
  readonly readinessProbe: unknown;
  readonly livenessProbe: unknown;
}
interface PodSpec {
  readonly serviceAccountName: string;
  readonly automountServiceAccountToken: boolean;
  readonly securityContext: { readonly runAsGroup: number; readonly fsGroup: number };
  readonly containers: readonly [Container];
  readonly volumes: readonly Volume[];
}
interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly data?: Readonly<Record<string, string>>;
  readonly rules?: unknown;
  readonly roleRef?: unknown;
  readonly subjects?: unknown;
  readonly automountServiceAccountToken?: boolean;
  readonly spec?: {
    readonly selector: { readonly matchLabels: unknown };
    readonly template: { readonly metadata: unknown; readonly spec: PodSpec };
  };
}

const folder = join(repository, "packages/examples/src/kubernetes");
const home = mkdtempSync(join(tmpdir(), "tacit-manifests-"));
afterAll(() => rmSync(home, { recursive: true }));

/** What the service of these manifests declares. */
const references = [...readFileSync(join(folder, "service.ts"), "utf8").matchAll(/\bref: "([^"]+)"/g)].map(
  ([, ref]) => ref,
);

/** The objects of one file, by kind. */
async function manifests(file: string): Promise<ReadonlyMap<string, Manifest>> {
  const parts = readFileSync(join(folder, file), "utf8").split(/^---\n/m);
  const parsed = await Promise.all(parts.map(parseYaml));
  const all = new Map(
    parsed.map((one) => {
      if ("problems" in one) throw new Error(`${file} ${one.problems[0]?.message}`);
      const manifest = one.value as Manifest;
      return [manifest.kind, manifest];
    }),
  );
  expect(all.size).toBe(parts.length); // one of each kind
  return all;
}

function of(all: ReadonlyMap<string, Manifest>, kind: string): Manifest {
  const manifest = all.get(kind);
  if (manifest === undefined) throw new Error(`no ${kind}`);
  return manifest;
}

function podOf(all: ReadonlyMap<string, Manifest>): PodSpec {
  const { spec } = of(all, "Deployment");
  if (spec === undefined) throw new Error("a Deployment without a spec");
  return spec.template.spec;
}

/** Where the document is found in the container, put into a file here. */
function writeDocument(all: ReadonlyMap<string, Manifest>, edit = (text: string) => text): string {
  const [[name, text] = ["", ""]] = Object.entries(of(all, "ConfigMap").data ?? {});
  const file = join(mkdtempSync(join(home, "document-")), name);
  writeFileSync(file, edit(text));
  return file;
}

describe.each([
  { file: "volume.yaml", kinds: ["ServiceAccount", "ConfigMap", "Deployment"], asksApi: false },
  { file: "api.yaml", kinds: ["ServiceAccount", "Role", "RoleBinding", "ConfigMap", "Deployment"], asksApi: true },
])("$file", async ({ file, kinds, asksApi }) => {
  const all = await manifests(file);
  const pod = podOf(all);
  const [container] = pod.containers;

  test("holds these objects of the present API versions in one namespace, and no Secret", () => {
    const versions: Readonly<Record<string, string>> = { Deployment: "apps/v1", Role: rbac, RoleBinding: rbac };
    expect([...all.keys()]).toEqual(kinds);
    for (const { apiVersion, kind, metadata } of all.values()) {
      expect(apiVersion).toBe(versions[kind] ?? "v1");
      expect(metadata.namespace).toBe("shop");
    }
  });

  test("mounts a token only where the API server is asked", () => {
    expect(of(all, "ServiceAccount").automountServiceAccountToken).toBe(false);
    expect(pod.automountServiceAccountToken).toBe(asksApi);
    expect(pod.serviceAccountName).toBe(of(all, "ServiceAccount").metadata.name);
  });

  test("mounts whole volumes to read, which group and mode let the service do and others not", () => {
    for (const mount of container.volumeMounts) expect(mount).toEqual({ ...mount, readOnly: true });
    expect(container.volumeMounts.flatMap((mount) => Object.keys(mount))).not.toContain("subPath");
    expect(container.volumeMounts.flatMap((mount) => Object.keys(mount))).not.toContain("subPathExpr");
    expect(container.volumeMounts.map(({ name }) => name)).toEqual(pod.volumes.map(({ name }) => name));
    for (const { secret, configMap } of pod.volumes) expect((secret ?? configMap)?.defaultMode).toBe(0o440);
    expect(pod.securityContext).toMatchObject({ runAsNonRoot: true, fsGroup: pod.securityContext.runAsGroup });
  });

  test("probes what the service answers, and bounds what it may take", () => {
    expect(container).toMatchObject({
      ports: [{ name: "http", containerPort: 8080 }],
      readinessProbe: { httpGet: { path: "/readyz", port: "http" } },
      livenessProbe: { httpGet: { path: "/livez", port: "http" } },
      resources: { requests: { cpu: expect.any(String), memory: expect.any(String) }, limits: {} },
      securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true },
    });
    const { spec } = of(all, "Deployment");
    expect(spec?.template.metadata).toEqual({ labels: spec?.selector.matchLabels });
  });

  test("gives the service its document, which loads and allows exactly what the service declares", async () => {
    const { metadata, data = {} } = of(all, "ConfigMap");
    const volume = pod.volumes.find(({ configMap }) => configMap?.name === metadata.name);
    const mount = container.volumeMounts.find(({ name }) => name === volume?.name);
    expect(container.env).toEqual([{ name: "TACIT_CONFIG", value: `${mount?.mountPath}/${Object.keys(data)[0]}` }]);
    const config = await loadConfig(writeDocument(all), { env: {}, adapterNames: Object.keys(adapters) });
    expect(config.allow).toEqual(references);
  });
});

test("volume.yaml mounts the Secret where the service finds it", async () => {
  const all = await manifests("volume.yaml");
  const pod = podOf(all);
  const volume = pod.volumes.find(({ secret }) => secret?.secretName === "db-primary");
  const mountPath = pod.containers[0].volumeMounts.find(({ name }) => name === volume?.name)?.mountPath ?? "";
  mkdirSync(join(home, mountPath), { recursive: true });
  for (const key of ["username", "password"]) writeFileSync(join(home, mountPath, key), "s3cret-fixture");
  const config = writeDocument(all, (text) => text.replace("/etc/secrets", join(home, "/etc/secrets")));
  const secrets = createSecrets({ adapters, config });
  const secret = await secrets.getSecret("db/primary", object(["username", "password"]));
  expect(secret.reveal()).toEqual({ username: "s3cret-fixture", password: "s3cret-fixture" });
  await secrets.close();
});

test("api.yaml grants get and watch on the Secrets of the document, to the pod alone", async () => {
  const all = await manifests("api.yaml");
  const context = { env: {}, adapterNames: Object.keys(adapters) };
  const { allow = [], providers } = await loadConfig(writeDocument(all), context);
  const options = await (await kubernetes.options())["~standard"].validate(providers.get("cluster")?.options);
  if (options.issues !== undefined) throw new Error("the options of the document are refused");
  const resourceNames = allow.map((name) => kubernetes.toPath?.(name, options.value));
  expect(of(all, "Role").rules).toEqual([
    { apiGroups: [""], resources: ["secrets"], resourceNames, verbs: ["get", "watch"] },
  ]);
  const { name, namespace } = of(all, "ServiceAccount").metadata;
  expect(of(all, "RoleBinding")).toMatchObject({
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: of(all, "Role").metadata.name },
    subjects: [{ kind: "ServiceAccount", name, namespace }],
  });
});

test("audit-policy.yaml writes what holds a value no further than its metadata", async () => {
  const policy = of(await manifests("audit-policy.yaml"), "Policy");
  expect(policy.apiVersion).toBe("audit.k8s.io/v1");
  expect(policy.rules).toEqual([
    { level: "Metadata", resources: [{ group: "", resources: ["secrets", "serviceaccounts/token"] }] },
    { level: "None" },
  ]);
});

const rbac = "rbac.authorization.k8s.io/v1";
