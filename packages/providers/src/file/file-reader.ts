import { join } from "node:path";
import type { CallContext, ProviderHost, ProviderResult, ReadRequest, SecretPayload } from "@tacit/core/provider";
import { unlessAborted } from "../shared/pause.ts";
import { incompleteError, isAbsence, toFileError } from "./failure.ts";
import { lookAt } from "./file-system.ts";
import { createKnownPaths, type KnownPath, keysOf } from "./known-paths.ts";
import type { FileOptions } from "./options.ts";
import type { FileParser } from "./parse/file-parser.ts";
import { parsePath } from "./path.ts";
import { locate, type Place, type Surroundings, type VolumePlace } from "./place.ts";
import { readSettled } from "./plain/plain-reader.ts";
import { createTurnBudget } from "./volume/turn-budget.ts";
import { VolumeReader } from "./volume/volume-reader.ts";

/** A generation is immutable, so an unchanged one is believed without reading it; but not for ever, in case a hand edits it. */
const rereadMs = 60_000;
/** A path may change from a volume to a plain file while it is read; each time it is located anew. */
const mostRelocations = 3;

const notFound: ProviderResult = { status: "not-found", definitive: true };

/** Reads paths below one root. */
export class FileReader {
  readonly #options: FileOptions;
  readonly #surroundings: Surroundings;
  readonly #host: ProviderHost;
  readonly #volumes: VolumeReader;
  readonly #known = createKnownPaths();
  #parser: FileParser | undefined;

  constructor(options: FileOptions, surroundings: Surroundings, host: ProviderHost) {
    const { fileSystem, root } = surroundings;
    this.#options = options;
    this.#surroundings = surroundings;
    this.#host = host;
    this.#volumes = new VolumeReader({ ...options, fileSystem, root, budget: createTurnBudget() }, host.clock);
  }

  /** Answers one request as of now. */
  async get(request: ReadRequest, { signal }: CallContext): Promise<ProviderResult> {
    const segments = parsePath(request.path);
    if (this.#options.parse !== "raw") await this.#loadParser(this.#options.parse);
    if (this.#options.watch === "poll") await this.#assertMountAnswers(signal);
    const { ifVersion } = request;
    if (ifVersion !== undefined && this.#isStill(request.path, ifVersion))
      return { status: "not-modified", version: ifVersion };
    for (let round = 0; round < mostRelocations; round++) {
      const place = this.#locate(segments, request.path);
      const result = await this.#read(place, request, signal);
      if (result !== "elsewhere") return result;
    }
    throw incompleteError(request.path);
  }

  /** Whether the publication that this version was read from is still the volume's: two system calls instead of a read. */
  #isStill(path: string, version: string): boolean {
    const known = this.#known.get(path);
    if (known?.place === undefined || known.version !== version) return false;
    if (this.#host.clock.monotonic() - known.readAt >= rereadMs) return false;
    return this.#volumes.publishes(known.place.directory, known.generation, path);
  }

  #locate(segments: readonly string[], path: string): Place {
    try {
      return locate(this.#surroundings, segments);
    } catch (error) {
      throw toFileError(error, path);
    }
  }

  #read(place: Place, request: ReadRequest, signal: AbortSignal): Promise<ProviderResult | "elsewhere"> {
    if (place.kind === "volume") return this.#readVolume(place, request, signal);
    const known = this.#known.get(request.path) !== undefined;
    if (place.kind === "missing" && !known) return Promise.resolve(notFound);
    return this.#readPlain(
      place.kind === "plain" ? place.file : join(this.#surroundings.root, request.path),
      request,
      signal,
    );
  }

  async #readVolume(
    place: VolumePlace,
    request: ReadRequest,
    signal: AbortSignal,
  ): Promise<ProviderResult | "elsewhere"> {
    const { directory, rest } = place;
    const { path } = request;
    const keysBefore = this.#known.get(path)?.keys;
    const answer = await this.#volumes.read({ directory, rest, path, signal, keysBefore });
    switch (answer.kind) {
      case "payload":
        return this.#answer(request, answer.payload, answer.publishedAt, { place, generation: answer.generation });
      case "absent":
        return this.#isBesideVolume(directory, rest)
          ? this.#readPlain(join(directory, ...rest), request, signal)
          : this.#absent(path);
      case "no-volume":
        this.#surroundings.knownVolumes.delete(directory);
        return "elsewhere";
    }
  }

  /** The kubelet's own names in a volume's directory are links into `..data`; whatever else is there somebody put beside them. */
  #isBesideVolume(directory: string, [first]: readonly string[]): boolean {
    if (first === undefined) return false;
    const { fileSystem } = this.#surroundings;
    try {
      const stats = lookAt(fileSystem, join(directory, first));
      if (stats === undefined) return false;
      return !stats.isSymbolicLink() || !fileSystem.readlinkSync(join(directory, first)).startsWith("..data/");
    } catch {
      return false;
    }
  }

  async #readPlain(file: string, request: ReadRequest, signal: AbortSignal): Promise<ProviderResult | "elsewhere"> {
    const { settleMs, watch } = this.#options;
    const { clock } = this.#host;
    const known = this.#known.get(request.path) !== undefined;
    const rule = { clock, settleMs, trustsTimestamps: watch === "auto" };
    const reading = { ...this.#options, ...this.#surroundings };
    const answer = await readSettled(reading, rule, { file, path: request.path, signal, known });
    if (answer.kind === "volume") return "elsewhere";
    return answer.kind === "absent"
      ? this.#absent(request.path)
      : this.#answer(request, answer.payload, answer.changedAt);
  }

  #answer(
    { path, ifVersion }: ReadRequest,
    content: SecretPayload,
    createdAt: Date,
    found: Pick<KnownPath, "place" | "generation"> = {},
  ): ProviderResult {
    const payload = this.#parsed(content, path);
    const version = this.#host.contentVersion(payload);
    this.#known.note(path, { ...found, version, keys: keysOf(content), readAt: this.#host.clock.monotonic() });
    return version === ifVersion ? { status: "not-modified", version } : { status: "ok", payload, version, createdAt };
  }

  /** A directory is fields already. */
  #parsed(content: SecretPayload, path: string): SecretPayload {
    if (this.#parser === undefined || content.kind === "fields") return content;
    return { kind: "fields", fields: this.#parser(content.bytes, path) };
  }

  /** Reads that come together load it once each; modules are loaded once by themselves. */
  async #loadParser(parse: Exclude<FileOptions["parse"], "raw">): Promise<void> {
    if (this.#parser !== undefined) return;
    const { createFileParser } = await import("./parse/file-parser.ts");
    const warn = (code: string, tip: string): void => this.#host.warn(code, tip);
    this.#parser = await createFileParser({ ...this.#options, parse, warn });
  }

  #absent(path: string): ProviderResult {
    this.#known.forget(path);
    return notFound;
  }

  /** A hung file server blocks whoever asks it; a thread of the pool is asked first, so that it is not this one. */
  async #assertMountAnswers(signal: AbortSignal): Promise<void> {
    const { fileSystem, root } = this.#surroundings;
    await unlessAborted(fileSystem.promises.lstat(root), signal).catch((error: unknown) => {
      if (signal.aborted) throw signal.reason;
      if (!isAbsence(error)) throw toFileError(error, root);
    });
  }
}
