import type { ModulePatch } from "./patch-module.ts";

/** The servers and tools that the tests start; each is one program. */
export type ProgramName =
  | "etcd"
  | "kube-apiserver"
  | "atomic-writer"
  | "kms-plugin"
  | "sealed-secrets-controller"
  | "kubeseal"
  | "vault"
  | "consul-template"
  | "age"
  | "age-keygen"
  | "sops"
  | "conjur-client"
  | "postgres"
  | "ministack"
  | "openbao"
  | "conjur-python";

/** How a program is found, or else built from a Go module of this package. */
export interface Program {
  readonly name: ProgramName;
  /** Environment variable that may hold the path of an installed one. */
  readonly variable: string;
  /** What an installed one on PATH must print for `--version`; without it, PATH is not searched. */
  readonly version?: RegExp;
  /** Folder of its Go module, below `servers/`. */
  readonly module: string;
  /** Go package: a folder of that module, as `./name`, or the path of a tool that it depends on. */
  readonly entry: string;
  /** Variables that the linker sets: Go path -> text. */
  readonly link?: Readonly<Record<string, string>>;
  /** A dependency that does not fit as it is published. */
  readonly patch?: ModulePatch;
}

const componentVersion = "k8s.io/component-base/version";

export const programs: readonly Program[] = [
  {
    name: "etcd",
    variable: "TACIT_E2E_ETCD",
    // Watches with bookmarks and no resourceVersion fail on the 3.4 that some distributions carry.
    version: /^etcd Version: 3\.([6-9]|\d\d)\./,
    module: "etcd",
    entry: ".",
  },
  {
    name: "kube-apiserver",
    variable: "TACIT_E2E_KUBE_APISERVER",
    version: /^Kubernetes v1\.(3[4-9]|[4-9]\d)\./,
    module: "kubernetes",
    entry: "./kube-apiserver",
    // Without these it takes itself for version 0.0.0 and turns features off.
    link: {
      [`${componentVersion}.gitVersion`]: "v1.35.4",
      [`${componentVersion}.gitMajor`]: "1",
      [`${componentVersion}.gitMinor`]: "35",
    },
  },
  { name: "kms-plugin", variable: "TACIT_E2E_KMS_PLUGIN", module: "kubernetes", entry: "./kms-plugin" },
  { name: "atomic-writer", variable: "TACIT_E2E_ATOMIC_WRITER", module: "kubernetes", entry: "./atomic-writer" },
  {
    name: "sealed-secrets-controller",
    variable: "TACIT_E2E_SEALED_SECRETS_CONTROLLER",
    module: "sealed-secrets",
    entry: "github.com/bitnami-labs/sealed-secrets/cmd/controller",
  },
  {
    name: "kubeseal",
    variable: "TACIT_E2E_KUBESEAL",
    version: /^kubeseal version: v?0\.(2[7-9]|[3-9]\d)\./,
    module: "sealed-secrets",
    entry: "github.com/bitnami-labs/sealed-secrets/cmd/kubeseal",
  },
  {
    name: "vault",
    variable: "TACIT_E2E_VAULT",
    module: "vault",
    entry: ".",
    // Vault builds with a copy of its sdk that lacks this check of itself; of the published ones, none does.
    patch: {
      module: "github.com/hashicorp/vault/sdk@v0.9.2",
      folder: "sdk",
      file: "framework/backend.go",
      find: "\t\tif p.ExistenceCheck == nil {\n",
      replacement: "\t\tif false {\n",
    },
  },
  {
    name: "consul-template",
    variable: "TACIT_E2E_CONSUL_TEMPLATE",
    version: /^consul-template v0\.(3[3-9]|[4-9]\d)\./,
    module: "consul-template",
    entry: "github.com/hashicorp/consul-template",
  },
  // Those of some distributions know no post-quantum recipients.
  {
    name: "age",
    variable: "TACIT_E2E_AGE",
    version: /^v1\.([3-9]|\d\d)\./,
    module: "age",
    entry: "filippo.io/age/cmd/age",
  },
  {
    name: "age-keygen",
    variable: "TACIT_E2E_AGE_KEYGEN",
    version: /^v1\.([3-9]|\d\d)\./,
    module: "age",
    entry: "filippo.io/age/cmd/age-keygen",
  },
  {
    name: "sops",
    variable: "TACIT_E2E_SOPS",
    version: /^sops 3\.(1[3-9]|[2-9]\d)\./,
    module: "sops",
    entry: "github.com/getsops/sops/v3/cmd/sops",
  },
  { name: "conjur-client", variable: "TACIT_E2E_CONJUR_CLIENT", module: "conjur", entry: "." },
];
