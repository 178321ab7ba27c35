import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import { parseSync, Visitor } from "oxc-parser";
import { describe, expect, test } from "vitest";
import {
  adapterFolders,
  adapterListFile,
  adapterListText,
  adapterManifestFile,
  adapterManifestText,
} from "./adapter-list.ts";
import { optionPage } from "./option-tables.ts";
import { providerTablePages, withProviderTable } from "./provider-table.ts";
import { repositoryFiles } from "./repository-files.ts";
import { repository } from "./workspace.ts";

const adapters = adapterFolders();

/** `<path>: <adapter>` -> why this source may have the name of an adapter in it */
const allowed: Readonly<Record<string, string>> = {
  "packages/core/src/config/read-document.ts: env": "an application without a config document reads the environment",
  "packages/core/src/config/resolve-sources.ts: env": "a member of a type, the environment of the process",
  "packages/core/src/conformance/open-handles.ts: file": "a kind of open handle",
  "packages/core/src/redact/bindings/process-exposure.ts: http": "a part of Node that writes debug lines",
  "packages/providers/src/shared/files/location.ts: file": "a kind of directory entry",
  "packages/providers/src/shared/keys/age/age-key.ts: age": "a kind of key",
  "packages/providers/src/shared/keys/key-service.ts: age": "a kind of key",
  "packages/providers/src/shared/keys/open-keys.ts: age": "a kind of key",
  "packages/providers/src/shared/keys/key-ring.ts: file": "a member of a wrapped key",
  "packages/providers/src/shared/keys/key-ring.ts: sealed-secrets": "a kind of key",
  "packages/providers/src/shared/keys/key-service.ts: sealed-secrets": "a kind of key",
  "packages/providers/src/shared/keys/open-keys.ts: sealed-secrets": "a kind of key",
  "packages/providers/src/shared/keys/options.ts: age": "a kind of key",
  "packages/providers/src/shared/keys/options.ts: sealed-secrets": "a kind of key",
  "packages/providers/src/shared/keys/sealed-secrets.ts: sealed-secrets": "a kind of key",
  "packages/providers/src/shared/parse/field-parser.ts: env": "a format of files",
  "packages/providers/src/shared/vault/login/create-login.ts: kubernetes": "a login method",
  "packages/providers/src/shared/vault/login/kubernetes.ts: kubernetes": "a login method",
  "packages/providers/src/shared/vault/login/options.ts: kubernetes": "a login method",
  "scripts/start-budgets.ts: alibaba-kms": "the key of its budget",
  "scripts/start-budgets.ts: aws-parameter-store": "the key of its budget",
  "scripts/start-budgets.ts: aws-secrets-manager": "the key of its budget",
  "scripts/start-budgets.ts: azure-key-vault": "the key of its budget",
  "scripts/start-budgets.ts: gcp-secret-manager": "the key of its budget",
};

/** The places of one adapter, from the root of the repository. */
function placesOf(adapter: string): readonly string[] {
  return [`packages/providers/src/${adapter}/index.ts`, `packages/providers/test/${adapter}`, optionPage(adapter)];
}

describe.each(adapters)("the adapter %s", (adapter) => {
  test.each(placesOf(adapter))("has %s", (path) => {
    expect(existsSync(join(repository, path))).toBe(true);
  });
});

describe("what is written for all adapters (to write it: npx pnpm@12 generate)", () => {
  test.each([
    [adapterListFile, adapterListText],
    [adapterManifestFile, adapterManifestText],
  ])("%s is what the folders say", (path, text) => {
    expect(readFileSync(join(repository, path), "utf8")).toBe(text());
  });

  test.each(providerTablePages)("the table of providers of %s is what their pages say", (page) => {
    expect(readFileSync(join(repository, page), "utf8")).toBe(withProviderTable(page));
  });
});

test("every page of docs/providers and every folder of tests belongs to an adapter", () => {
  const pages = readdirSync(join(repository, "docs/providers"))
    .filter((page) => page !== "README.md")
    .map((page) => page.replace(/\.md$/, ""));
  const strays = pages.filter(
    (page) => !adapters.some((adapter) => page === adapter || page.startsWith(`${adapter}-`)),
  );
  const tests = readdirSync(join(repository, "packages/providers/test"), { withFileTypes: true });
  const folders = tests.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  expect([...strays, ...folders.filter((folder) => !adapters.includes(folder))]).toEqual([]);
});

test("no other source of the packages that are published, or of the scripts, names an adapter", () => {
  const sources = repositoryFiles().filter(({ path }) => isSource(path) && !isPlace(path));
  expect(sources.length).toBeGreaterThan(100);
  const named = sources.flatMap(({ path, text }) => adaptersNamed(path, text).map((adapter) => `${path}: ${adapter}`));
  expect(named.toSorted()).toEqual(Object.keys(allowed).toSorted());
});

test.each([
  ['const use = "vault";', ["vault"]],
  ['type Use = "env" | "vault";', ["env", "vault"]],
  ['import { vault } from "../../providers/src/vault/index.ts";', ["vault"]],
  ['export * from "./file/index.ts";', ["file"]],
  ["const load = () => import(`@tacit/providers/kubernetes`);", ["kubernetes"]],
  ['const page = "docs/providers/env.md";', ["env"]],
  ['/** Such as "vault". */ const tip = "Ask Vault.";', []],
  ['const target = "pino/file", parser = "../parse/env.ts";', []],
])("a source that says %s names %j", (text, names) => {
  expect(adaptersNamed("some.ts", text)).toEqual(names);
});

test("a shared file that imports another one names no adapter, whatever the folders of both are called", () => {
  const file = `${sharedFolder}/cloud/google.ts`;
  expect(adaptersNamed(file, 'import "../http/client.ts"; import "./http/answer.ts";')).toEqual([]);
  expect(adaptersNamed(file, 'import "../../http/index.ts";')).toEqual(["http"]);
});

function isSource(path: string): boolean {
  return (
    /^(packages\/(core|providers|express|nestjs)\/src\/.+|scripts\/.+|[^/]+)\.(ts|mjs)$/.test(path) &&
    !/\.(test|test-d)\.ts$/.test(path)
  );
}

function isPlace(path: string): boolean {
  return path === adapterListFile || adapters.some((adapter) => path.startsWith(`packages/providers/src/${adapter}/`));
}

/** The adapters whose name, folder, entry point or page is a text of a source, each once. */
function adaptersNamed(path: string, text: string): readonly string[] {
  const texts = new Set<string>();
  new Visitor({
    Literal({ value }) {
      if (typeof value === "string") texts.add(value);
    },
    TemplateElement({ value }) {
      texts.add(value.raw);
    },
  }).visit(parseSync(path, text).program);
  const inShared = path.startsWith(`${sharedFolder}/`);
  const isNamed = (adapter: string, one: string): boolean =>
    one === adapter || (isPathTo(adapter, one) && !(inShared && staysInShared(path, one)));
  return adapters.filter((adapter) => [...texts].some((one) => isNamed(adapter, one)));
}

const sharedFolder = "packages/providers/src/shared";

/** A folder of the shared files may be called like an adapter. */
function staysInShared(path: string, text: string): boolean {
  return text.startsWith(".") && posix.join(dirname(path), text).startsWith(`${sharedFolder}/`);
}

/** `../providers/src/env/index.ts`, `@tacit/providers/env`, `docs/providers/env.md`; not `./parse/env.ts`. */
function isPathTo(adapter: string, text: string): boolean {
  const path = text.replace(/\.md$/, "/");
  return /^(\.|@tacit\/|packages\/|docs\/)/.test(text) && path.split("/").slice(1).includes(adapter);
}
