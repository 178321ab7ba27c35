import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
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
  readonly projected?: { readonly defaultMode: number };
  readonly csi?: {
    readonly driver: string;
    readonly readOnly: boolean;
    readonly volumeAttributes: { readonly secretProviderClass: string };
  };
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
interface PodMetadata {
  readonly labels: unknown;
  readonly annotations?: Readonly<Record<string, string>>;
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
    readonly template: { readonly metadata: PodMetadata; readonly spec: PodSpec };
    /** Of a SecretProviderClass. */
    readonly parameters?: Readonly<Record<string, unknown>>;
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
  const parsed = (await Promise.all(parts.map(yamlOf))) as Manifest[];
  const all = new Map(parsed.map((manifest) => [manifest.kind, manifest]));
  expect(all.size).toBe(parts.length); // one of each kind
  return all;
}

function of(all: ReadonlyMap<string, Manifest>, kind: string): Manifest {
  const manifest = all.get(kind);
  if (manifest === undefined) throw new Error(`no ${kind}`);
  return manifest;
}

function specOf(all: ReadonlyMap<string, Manifest>, kind: string): NonNullable<Manifest["spec"]> {
  const { spec } = of(all, kind);
  if (spec === undefined) throw new Error(`a ${kind} without a spec`);
  return spec;
}

function podOf(all: ReadonlyMap<string, Manifest>): PodSpec {
  return specOf(all, "Deployment").template.spec;
}

async function yamlOf(text: string): Promise<unknown> {
  const parsed = await parseYaml(text);
  if ("problems" in parsed) throw new Error(parsed.problems[0]?.message);
  return parsed.value;
}

/** Where the document is found in the container, put into a file here. */
function writeDocument(all: ReadonlyMap<string, Manifest>, edit = (text: string) => text): string {
  const [[name, text] = ["", ""]] = Object.entries(of(all, "ConfigMap").data ?? {});
  const file = join(mkdtempSync(join(home, "document-")), name);
  writeFileSync(file, edit(text));
  return file;
}

const services = [
  { file: "volume.yaml", kinds: ["ServiceAccount", "ConfigMap", "Deployment"], asksApi: false },
  { file: "api.yaml", kinds: ["ServiceAccount", "Role", "RoleBinding", "ConfigMap", "Deployment"], asksApi: true },
  { file: "vault-agent.yaml", kinds: ["ServiceAccount", "ConfigMap", "Deployment"], asksApi: false },
  { file: "csi.yaml", kinds: ["ServiceAccount", "SecretProviderClass", "ConfigMap", "Deployment"], asksApi: false },
];

test("every manifest is looked at here, and holds no tab", () => {
  const files = readdirSync(folder).filter((name) => name.endsWith(".yaml"));
  expect(files.toSorted()).toEqual([...services.map(({ file }) => file), "audit-policy.yaml"].toSorted());
  for (const file of files) expect(readFileSync(join(folder, file), "utf8")).not.toContain("\t");
});

describe.each(services)("$file", async ({ file, kinds, asksApi }) => {
  const all = await manifests(file);
  const pod = podOf(all);
  const [container] = pod.containers;

  test("holds these objects of the present API versions in one namespace, and no Secret", () => {
    const versions: Readonly<Record<string, string>> = {
      Deployment: "apps/v1",
      Role: rbac,
      RoleBinding: rbac,
      SecretProviderClass: "secrets-store.csi.x-k8s.io/v1",
    };
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
    // The agent's token is for none of these containers.
    const ours = pod.volumes.filter(({ projected }) => projected === undefined);
    expect(container.volumeMounts.map(({ name }) => name)).toEqual(ours.map(({ name }) => name));
    for (const { secret, configMap, projected, csi } of pod.volumes) {
      if (csi === undefined) expect((secret ?? configMap ?? projected)?.defaultMode).toBe(0o440);
      else expect(csi).toMatchObject({ driver: "secrets-store.csi.k8s.io", readOnly: true });
    }
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
    const { selector, template } = specOf(all, "Deployment");
    expect(template.metadata.labels).toEqual(selector.matchLabels);
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

const pair = { username: "s3cret-fixture", password: "s3cret-fixture" };

/** What the service reads by its document where these files, by their paths in the container, are there. */
async function readWith(all: ReadonlyMap<string, Manifest>, files: Readonly<Record<string, string>>): Promise<unknown> {
  const place = mkdtempSync(join(home, "place-"));
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(place, path)), { recursive: true });
    writeFileSync(join(place, path), content);
  }
  const config = writeDocument(all, (text) => text.replace(/(?<=root: )\//, `${place}/`));
  const secrets = createSecrets({ adapters, config });
  try {
    return (await secrets.getSecret("db/primary", object(["username", "password"]))).reveal();
  } finally {
    await secrets.close();
  }
}

test.each(["volume.yaml", "csi.yaml"])("%s mounts the Secret where the service finds it", async (file) => {
  const all = await manifests(file);
  const pod = podOf(all);
  const mountPath = pod.containers[0].volumeMounts.find(({ name }) => name === "db-primary")?.mountPath;
  const files = Object.entries(pair).map(([key, value]) => [`${mountPath}/${key}`, value]);
  expect(await readWith(all, Object.fromEntries(files))).toEqual(pair);
});

test("csi.yaml names in its volume the class that has the driver write these files", async () => {
  const all = await manifests("csi.yaml");
  const { metadata } = of(all, "SecretProviderClass");
  const volume = podOf(all).volumes.find(({ name }) => name === "db-primary");
  expect(volume?.csi?.volumeAttributes).toEqual({ secretProviderClass: metadata.name });
  const { objects } = specOf(all, "SecretProviderClass").parameters ?? {};
  expect(objects).toBeTypeOf("string");
  expect(await yamlOf(objects as string)).toEqual(
    Object.keys(pair).map((key) => ({ objectName: key, secretPath: "secret/data/db/primary", secretKey: key })),
  );
});

test("vault-agent.yaml has the agent render JSON, again and again, where the service finds it", async () => {
  const all = await manifests("vault-agent.yaml");
  const pod = podOf(all);
  const { annotations = {} } = specOf(all, "Deployment").template.metadata;
  const annotation = (name: string): string | undefined => annotations[`vault.hashicorp.com/${name}`];
  expect(Object.values(annotations).every((value) => typeof value === "string")).toBe(true);
  expect(annotation("agent-inject")).toBe("true");
  expect(annotation("agent-inject-default-template")).toBe("json");
  expect(annotation("agent-pre-populate-only")).toBeUndefined();
  const { runAsGroup } = pod.securityContext;
  expect([annotation("agent-run-as-group"), annotation("agent-inject-perms-db-primary")]).toEqual([
    `${runAsGroup}`,
    "0440",
  ]);
  const token = pod.volumes.find(({ projected }) => projected !== undefined);
  expect(annotation("agent-service-account-token-volume-name")).toBe(token?.name);
  const [file = ""] = Object.keys(annotations).flatMap((name) => /\/agent-inject-secret-(.+)$/.exec(name)?.[1] ?? []);
  const rendered = JSON.stringify({ data: pair, metadata: { version: 1, created_time: "2026-01-01T00:00:00Z" } });
  expect(await readWith(all, { [`/vault/secrets/${file}`]: rendered })).toEqual(pair);
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
