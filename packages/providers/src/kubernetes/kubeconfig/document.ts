import { homedir } from "node:os";
import { delimiter, join, resolve } from "node:path";
import { errnoOf, isRuntimeDenial, runtimeTip } from "../../shared/files/errors.ts";
import { readText } from "../../shared/files/read-text.ts";
import type { Environment } from "../in-cluster.ts";
import { isMap, kubeconfigFailure, type Members, readFault, Section } from "./section.ts";

/** The files of a kubeconfig, merged as kubectl does: the first file that sets a member wins. */
export interface KubeconfigDocument {
  readonly files: readonly string[];
  readonly currentContext: string | undefined;
  /** name -> `context` of an entry */
  readonly contexts: ReadonlyMap<string, Section>;
  /** name -> `cluster` of an entry */
  readonly clusters: ReadonlyMap<string, Section>;
  /** name -> `user` of an entry */
  readonly users: ReadonlyMap<string, Section>;
  /** The entries whose name occurs twice in their file. */
  readonly doubled: ReadonlySet<Section>;
}

/**
 * Reads the given file, else those listed in KUBECONFIG, else `~/.kube/config`. In a list, missing files are skipped and empty
 * ones contain nothing. Entries are not validated before they are used.
 * @throws {SecretError} INVALID_CONFIG `kubeconfig`, with the file
 * @see https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/#merging-kubeconfig-files
 */
export async function readKubeconfig(file: string | undefined, environment: Environment): Promise<KubeconfigDocument> {
  const listed = environment.KUBECONFIG?.split(delimiter).filter((path) => path !== "") ?? [];
  const inHome = [join(environment.HOME ?? homedir(), ".kube", "config")];
  const files = (file === undefined ? (listed.length > 0 ? listed : inHome) : [file]).map((path) => resolve(path));
  const read = await Promise.all(files.map((path) => readOne(path)));
  const found = read.filter((one) => one !== undefined);
  if (found.length === 0) throw kubeconfigFailure(`does not exist: ${files.map((path) => `"${path}"`).join(", ")}`);
  const doubled = new Set<Section>();
  return {
    files,
    currentContext: found.map(({ root }) => root.text("current-context")).find((name) => name !== undefined),
    contexts: merged(found, ["contexts", "context"], doubled),
    clusters: merged(found, ["clusters", "cluster"], doubled),
    users: merged(found, ["users", "user"], doubled),
    doubled,
  };
}

interface KubeconfigFile {
  readonly path: string;
  readonly root: Section;
}

/** Reads one file; returns undefined if it does not exist. */
async function readOne(path: string): Promise<KubeconfigFile | undefined> {
  const text = await readText(path).catch((error: unknown) => {
    if (errnoOf(error) === "ENOENT") return undefined;
    const tip = isRuntimeDenial(error) ? runtimeTip(path) : undefined;
    throw kubeconfigFailure(`"${path}" ${readFault(error)}`, error, tip);
  });
  if (text === undefined) return undefined;
  if (text.includes("\0")) throw kubeconfigFailure(`"${path}" is not UTF-8 text`);
  const { LineCounter, parseDocument } = await import("yaml");
  const lineCounter = new LineCounter();
  const document = parseDocument(text.replace(/^\uFEFF/, ""), {
    lineCounter,
    logLevel: "silent",
    // As kubectl's parser does.
    merge: true,
    prettyErrors: false,
  });
  // The messages of the parser quote the text, so they are dropped.
  const fault = document.errors.toSorted(({ pos: [one] }, { pos: [other] }) => one - other)[0];
  if (fault !== undefined) {
    const what = fault.code === "DUPLICATE_KEY" ? "has a key more than once in one map" : "is not YAML";
    throw kubeconfigFailure(`"${path}" ${what}: line ${lineCounter.linePos(fault.pos[0]).line}`);
  }
  const root: unknown = toPlain(document, path) ?? {};
  if (!isMap(root)) throw kubeconfigFailure(`"${path}" is not a map`);
  return { path, root: new Section(path, "", root) };
}

/** Converts a document into plain data. The parser throws for aliases that would expand without limit. */
function toPlain(document: { toJS(): unknown }, path: string): unknown {
  try {
    return document.toJS();
  } catch {
    throw kubeconfigFailure(`"${path}" is not YAML`);
  }
}

/**
 * Merges one list of the files by name. An entry without a name cannot be referred to, so it is skipped; one without a body
 * counts as empty.
 */
function merged(
  files: readonly KubeconfigFile[],
  [list, member]: readonly [list: "contexts" | "clusters" | "users", member: string],
  doubled: Set<Section>,
): ReadonlyMap<string, Section> {
  const entries = new Map<string, Section>();
  for (const { path, root } of files) {
    const listed = root.raw(list);
    for (const entry of Array.isArray(listed) ? listed : []) {
      const { name, [member]: body } = (isMap(entry) ? entry : {}) as Members;
      if (typeof name !== "string" || name === "") continue;
      const former = entries.get(name);
      if (former === undefined)
        entries.set(name, new Section(path, `${list}[${name}].${member}`, isMap(body) ? body : {}));
      else if (former.file === path) doubled.add(former);
    }
  }
  return entries;
}
