import * as fs from "node:fs";
import { dirname, join } from "node:path";

/** A payload as the kubelet has it: path below the volume -> bytes. */
export type VolumePayload = Readonly<Record<string, Uint8Array>>;

/** How one write is made. */
export interface AtomicWrite {
  /** `legacy`: kubelets before v1.22 and the Secrets Store CSI driver make the key links before the swap. Default `current`. */
  readonly order?: "current" | "legacy" | undefined;
  /** Default 0644. */
  readonly defaultMode?: number | undefined;
  /** path -> its mode */
  readonly modes?: Readonly<Record<string, number>> | undefined;
  /** Stops after this step, as a kubelet that is killed; what it did so far stays. */
  readonly crashAfter?: AtomicStep | undefined;
}

/** The steps after which a writer may die. `half-tree`: some of the files are written. */
export type AtomicStep = "directory" | "half-tree" | "tree" | "temporary-link" | "swap" | "links" | "unlinks";

/** What a write did. */
export interface AtomicReport {
  /** Whether `..data` was moved; an equal payload moves nothing. */
  readonly swapped: boolean;
  /** Right after the rename, milliseconds since the epoch with fractions; comparable between processes of one machine. */
  readonly swappedAt: number;
}

/**
 * Writes a payload with the system calls of the kubelet's AtomicWriter, in its order
 * (kubernetes: pkg/volume/util/atomic_writer.go).
 */
export function writeAtomically(directory: string, payload: VolumePayload, write: AtomicWrite = {}): AtomicReport {
  const dataLink = join(directory, "..data");
  const old = readLink(dataLink);
  const oldPaths = old === undefined ? [] : filesBelow(join(directory, old));
  const removed = oldPaths.filter((path) => !(path in payload));
  const order = write.order ?? "current";
  if (old !== undefined && removed.length === 0 && isEqual(join(directory, old), payload)) {
    if (order === "current") linkKeys(directory, payload);
    return { swapped: false, swappedAt: now() };
  }
  const died = (step: AtomicStep): boolean => write.crashAfter === step;
  const unswapped: AtomicReport = { swapped: false, swappedAt: now() };
  const tree = timestampName();
  fs.mkdirSync(join(directory, tree), { mode: 0o700 });
  fs.chmodSync(join(directory, tree), 0o755);
  if (died("directory")) return unswapped;
  writeTree(join(directory, tree), payload, write);
  if (died("half-tree") || died("tree")) return unswapped;
  if (order === "legacy") linkKeys(directory, payload);
  try {
    fs.symlinkSync(tree, join(directory, "..data_tmp"));
  } catch (error) {
    fs.rmSync(join(directory, tree), { recursive: true });
    throw error;
  }
  if (died("temporary-link")) return unswapped;
  fs.renameSync(join(directory, "..data_tmp"), dataLink);
  const report: AtomicReport = { swapped: true, swappedAt: now() };
  if (died("swap")) return report;
  if (order === "current") linkKeys(directory, payload);
  if (died("links")) return report;
  for (const top of topLevel(removed))
    if (!topLevel(Object.keys(payload)).includes(top)) fs.rmSync(join(directory, top), { force: true });
  if (died("unlinks")) return report;
  if (old !== undefined) fs.rmSync(join(directory, old), { recursive: true, force: true });
  return report;
}

function writeTree(tree: string, payload: VolumePayload, write: AtomicWrite): void {
  const paths = shuffled(Object.keys(payload));
  const count = write.crashAfter === "half-tree" ? Math.floor(paths.length / 2) : paths.length;
  for (const path of paths.slice(0, count)) {
    const mode = write.modes?.[path] ?? write.defaultMode ?? 0o644;
    fs.mkdirSync(dirname(join(tree, path)), { recursive: true });
    const descriptor = fs.openSync(join(tree, path), "w", mode);
    fs.writeSync(descriptor, payload[path] ?? new Uint8Array());
    fs.closeSync(descriptor);
    fs.chmodSync(join(tree, path), mode);
  }
}

function linkKeys(directory: string, payload: VolumePayload): void {
  for (const top of topLevel(Object.keys(payload))) {
    if (readLink(join(directory, top)) === undefined) fs.symlinkSync(join("..data", top), join(directory, top));
  }
}

function topLevel(paths: readonly string[]): readonly string[] {
  return [...new Set(paths.map((path) => path.split("/")[0] ?? path))];
}

function filesBelow(tree: string): readonly string[] {
  if (!fs.existsSync(tree)) return [];
  const entries = fs.readdirSync(tree, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(tree.length + 1));
}

function isEqual(tree: string, payload: VolumePayload): boolean {
  return Object.entries(payload).every(([path, bytes]) => {
    try {
      return fs.readFileSync(join(tree, path)).equals(bytes);
    } catch {
      return false;
    }
  });
}

function readLink(link: string): string | undefined {
  try {
    return fs.readlinkSync(link);
  } catch {
    return undefined;
  }
}

/** UTC time and a random number, as in `..2026_11_21_01_02_10.1006671601`. */
function timestampName(): string {
  const time = new Date().toISOString().slice(0, 19).replace(/[-T:]/g, "_");
  return `..${time}.${Math.floor(Math.random() * 2 ** 32)}`;
}

/** The kubelet iterates over a Go map, whose order is random. */
function shuffled(paths: readonly string[]): readonly string[] {
  return paths
    .map((path) => ({ path, rank: Math.random() }))
    .sort((left, right) => left.rank - right.rank)
    .map(({ path }) => path);
}

function now(): number {
  return performance.timeOrigin + performance.now();
}
