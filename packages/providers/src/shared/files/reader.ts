import { join } from "node:path";
import {
  type CallContext,
  type ProviderHost,
  type ProviderResult,
  type ReadRequest,
  type SecretPayload,
  untilAborted,
} from "@tacit/core/provider";
import type { FilesContext } from "./context.ts";
import { denialTip } from "./denial-tip.ts";
import { incompleteError, isAbsence, toFileError } from "./errors.ts";
import { lookAt } from "./file-system.ts";
import { createKnownPaths, type KnownPath, keysOf } from "./known-paths.ts";
import { type Location, locate, type VolumeLocation } from "./location.ts";
import { parsePath } from "./path.ts";
import { readSettled } from "./plain/plain-reader.ts";
import { VolumeReader } from "./volume/volume-reader.ts";

/**
 * Publications are immutable, so an unchanged link and directory mean unchanged content. The content is still read again after this time,
 * in case someone has edited a file in place.
 */
const rereadMs = 600_000;
/** The number of times a path is located again because it changed between volume and plain file during the read. */
const mostRelocations = 3;

const notFound: ProviderResult = { status: "not-found", definitive: true };

/** Reads paths below one root. */
export class FileReader {
  readonly #context: FilesContext;
  readonly #host: ProviderHost;
  readonly #volumes: VolumeReader;
  readonly #known = createKnownPaths();

  constructor(context: FilesContext, host: ProviderHost) {
    this.#context = context;
    this.#host = host;
    this.#volumes = new VolumeReader(context);
  }

  /** Reads the current content of a path. @throws {SecretError} INVALID_NAME, INVALID_VALUE, PERMISSION_DENIED or UNAVAILABLE */
  async get(request: ReadRequest, { signal }: CallContext): Promise<ProviderResult> {
    const segments = parsePath(request.path);
    if (this.#context.watch === "poll") await this.#assertMountAnswers(signal);
    const { ifVersion } = request;
    if (ifVersion !== undefined && this.#isStill(request.path, ifVersion))
      return { status: "not-modified", version: ifVersion };
    for (let round = 0; round < mostRelocations; round++) {
      const location = this.#locate(segments, request.path, round === 0);
      const result = location === "elsewhere" ? location : await this.#read(location, request, signal);
      if (result !== "elsewhere") return result;
    }
    throw incompleteError(request.path);
  }

  /** Returns whether the volume still has the publication of this version, which takes two system calls instead of a read. */
  #isStill(path: string, version: string): boolean {
    const known = this.#known.get(path);
    if (known?.location === undefined || known.revision === undefined || known.version !== version) return false;
    if (this.#context.clock.monotonic() - known.readAt >= rereadMs) return false;
    return this.#volumes.publishes(known.location.directory, known.revision, path);
  }

  #locate(segments: readonly string[], path: string, isFirst: boolean): Location | "elsewhere" {
    try {
      return locate(this.#context, segments, isFirst ? this.#context.sharedLook : undefined);
    } catch (error) {
      // A link of the path has changed, and its former target no longer exists.
      if (isAbsence(error)) return "elsewhere";
      throw toFileError(error, path, this.#tipFor(path));
    }
  }

  #tipFor(path: string): string | undefined {
    return denialTip(this.#context.fileSystem, join(this.#context.root, path));
  }

  #read(location: Location, request: ReadRequest, signal: AbortSignal): Promise<ProviderResult | "elsewhere"> {
    if (location.kind === "volume") return this.#readVolume(location, request, signal);
    const known = this.#known.get(request.path) !== undefined;
    if (location.kind === "missing" && !known) return Promise.resolve(notFound);
    if (location.kind === "plain" && location.isDirectory && this.#context.filesOnly === true)
      return Promise.resolve(this.#absent(request.path));
    const file = location.kind === "plain" ? location.file : join(this.#context.root, request.path);
    return this.#readPlain(file, request, signal);
  }

  async #readVolume(
    location: VolumeLocation,
    request: ReadRequest,
    signal: AbortSignal,
  ): Promise<ProviderResult | "elsewhere"> {
    const { directory, rest } = location;
    const { path } = request;
    const keysBefore = this.#known.get(path)?.keys;
    const answer = await this.#volumes.read({ directory, rest, path, signal, keysBefore });
    switch (answer.kind) {
      case "payload":
        return this.#answer(request, answer.payload, answer.publishedAt, signal, {
          location,
          revision: answer.revision,
        });
      case "absent":
        return this.#isBesideVolume(directory, rest)
          ? this.#readPlain(join(directory, ...rest), request, signal)
          : this.#absent(path);
      case "no-volume":
        this.#context.knownVolumes.delete(directory);
        return "elsewhere";
    }
  }

  /** Returns whether a path begins with a name that the kubelet has not created: it creates only links into `..data`. */
  #isBesideVolume(directory: string, [first]: readonly string[]): boolean {
    if (first === undefined) return false;
    const { fileSystem } = this.#context;
    try {
      const stats = lookAt(fileSystem, join(directory, first));
      if (stats === undefined) return false;
      return !stats.isSymbolicLink() || !fileSystem.readlinkSync(join(directory, first)).startsWith("..data/");
    } catch {
      return false;
    }
  }

  async #readPlain(file: string, request: ReadRequest, signal: AbortSignal): Promise<ProviderResult | "elsewhere"> {
    const known = this.#known.get(request.path) !== undefined;
    const answer = await readSettled(this.#context, { file, path: request.path, signal, known });
    if (answer.kind === "volume") return "elsewhere";
    return answer.kind === "absent"
      ? this.#absent(request.path)
      : this.#answer(request, answer.payload, answer.changedAt, signal);
  }

  async #answer(
    { path, ifVersion }: ReadRequest,
    content: SecretPayload,
    createdAt: Date,
    signal: AbortSignal,
    found: Pick<KnownPath, "location" | "revision"> = {},
  ): Promise<ProviderResult> {
    if (content.kind === "fields" && this.#context.filesOnly === true) return this.#absent(path);
    const contentVersion = this.#host.contentVersion(content);
    const known = this.#known.get(path);
    const isSame = known?.contentVersion === contentVersion && known.version === ifVersion;
    const payload = isSame ? content : await this.#decoded(content, path, signal);
    const version = isSame ? known.version : payload === content ? contentVersion : this.#host.contentVersion(payload);
    const readAt = this.#context.clock.monotonic();
    this.#known.note(path, { ...found, version, contentVersion, keys: keysOf(content), readAt });
    return version === ifVersion ? { status: "not-modified", version } : { status: "ok", payload, version, createdAt };
  }

  /** Decodes a value; the fields of a directory are returned unchanged. */
  async #decoded(content: SecretPayload, path: string, signal: AbortSignal): Promise<SecretPayload> {
    const { decode } = this.#context;
    return decode === undefined || content.kind === "fields" ? content : await decode(content.bytes, path, { signal });
  }

  #absent(path: string): ProviderResult {
    this.#known.forget(path);
    return notFound;
  }

  /** Checks asynchronously that the mount responds, because synchronous calls to a hung file server would block the process. */
  async #assertMountAnswers(signal: AbortSignal): Promise<void> {
    const { fileSystem, root } = this.#context;
    await untilAborted(fileSystem.promises.lstat(root), signal).catch((error: unknown) => {
      if (signal.aborted) throw signal.reason;
      if (!isAbsence(error)) throw toFileError(error, root);
    });
  }
}
