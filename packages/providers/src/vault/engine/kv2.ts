import { type CallContext, isSecretError, type ProviderResult, type ReadRequest } from "@tacit/core/provider";
import { clockSkewMs, localTime } from "../../shared/server-time.ts";
import type { VaultAnswer } from "../../shared/vault/answer.ts";
import type { Engine, EngineContext } from "./engine.ts";
import { lookUpKvMount, otherKvVersion } from "./kv-mount.ts";
import { isReadable, type Kv2Version, parseVersionName, readKv2Version, timeOf, versionName } from "./kv2-version.ts";
import { notFields } from "./refusal.ts";

/** Creates the reader of a KV mount of version 2. @param mount `isKnown`: whether Vault has confirmed the version. Default: false */
export function createKv2Engine(
  context: EngineContext,
  mount: { readonly isKnown: boolean } = { isKnown: false },
): Engine {
  const reader = new Kv2Reader(context, mount.isKnown);
  return {
    kind: "kv-v2",
    isDynamic: () => false,
    policyPath: (path) => `${context.mount}/data/${path}`,
    get: (request, callContext) => reader.get(request, callContext),
  };
}

const notFound: ProviderResult = { status: "not-found", definitive: true };

class Kv2Reader {
  readonly #context: EngineContext;
  /** False after a denial, since policies often allow only `data/*`. Metadata is then not requested again by this provider. */
  #mayReadMetadata = true;
  /** Whether the mount is known to be of version 2. A mount of version 1 would report every secret as missing. */
  #isKnown: boolean;

  constructor(context: EngineContext, isKnown: boolean) {
    this.#context = context;
    this.#isKnown = isKnown;
  }

  async get({ path, version, ifVersion }: ReadRequest, context: CallContext): Promise<ProviderResult> {
    if (version === "previous") return this.#previous(path, ifVersion, context);
    if (version === "current") {
      if (ifVersion !== undefined && (await this.#isCurrent(path, ifVersion, context)))
        return { status: "not-modified", version: ifVersion };
      return this.#read(path, undefined, ifVersion, context);
    }
    const asked = parseVersionName(version.id);
    if (asked === undefined) return notFound;
    const result = await this.#read(path, asked.number, ifVersion, context);
    const found = result.status === "not-found" ? undefined : result.version;
    // A secret that was wiped and recreated has another version with the same number.
    return found === undefined || found === asked.name || asked.name === `${asked.number}` ? result : notFound;
  }

  /** Reads a version. @param number undefined for the newest */
  async #read(
    path: string,
    number: number | undefined,
    ifVersion: string | undefined,
    context: CallContext,
  ): Promise<ProviderResult> {
    const answer = await this.#ask("data", path, number, context);
    // A 404 of a deleted or destroyed version contains metadata, but no data.
    if (answer.status === 404) return notFound;
    const metadata = (answer.data as { readonly metadata?: Readonly<Record<string, unknown>> } | null)?.metadata;
    const version = readKv2Version(metadata?.version, metadata);
    if (version === undefined) throw notFields();
    const name = versionName(version);
    const deletedAt = timeOf(version.deletionTime)?.getTime();
    if (name === ifVersion) return { status: "not-modified", version: name };
    const fields = answer.fields("data");
    if (fields === undefined) throw notFields();
    return {
      status: "ok",
      payload: { kind: "fields", fields },
      version: name,
      createdAt: timeOf(version.createdTime),
      // The version is readable, so its deletion is in the future.
      expiresAt: deletedAt === undefined ? undefined : new Date(localTime(deletedAt, answer, this.#context.host)),
      labels: labelsOf(metadata?.custom_metadata, this.#context.labels),
    };
  }

  async #isCurrent(path: string, ifVersion: string, context: CallContext): Promise<boolean> {
    const metadata = await this.#metadata(path, context);
    const current = metadata?.versions.find(({ number }) => number === metadata.current);
    return current !== undefined && isReadable(current, metadata?.now ?? 0) && versionName(current) === ifVersion;
  }

  async #previous(path: string, ifVersion: string | undefined, context: CallContext): Promise<ProviderResult> {
    const metadata = await this.#metadata(path, context);
    if (metadata === undefined) return this.#mayReadMetadata ? notFound : this.#search(path, ifVersion, context);
    const older = metadata.versions.filter((each) => each.number < metadata.current && isReadable(each, metadata.now));
    const newest = older.sort((one, other) => other.number - one.number)[0];
    return newest === undefined ? notFound : this.#read(path, newest.number, ifVersion, context);
  }

  /** Finds the previous version without metadata: reads the older versions one by one until one is readable. */
  async #search(path: string, ifVersion: string | undefined, context: CallContext): Promise<ProviderResult> {
    const { data } = await this.#ask("data", path, undefined, context);
    const metadata = (data as { readonly metadata?: { readonly version?: unknown } } | null)?.metadata;
    const current = typeof metadata?.version === "number" ? metadata.version : 0;
    const oldest = Math.max(1, current - mostVersions);
    for (let number = current - 1; number >= oldest; number -= 1) {
      const result = await this.#read(path, number, ifVersion, context);
      if (result.status !== "not-found") return result;
    }
    return notFound;
  }

  /** Returns the metadata of a secret; undefined if there is none, or if the policies deny it. */
  async #metadata(path: string, context: CallContext): Promise<(Kv2Metadata & { now: number }) | undefined> {
    if (!this.#mayReadMetadata) return undefined;
    try {
      const answer = await this.#ask("metadata", path, undefined, context);
      const metadata = readMetadata(answer.data);
      return metadata && { ...metadata, now: this.#vaultNow(answer) };
    } catch (error) {
      if (!isSecretError(error, "PERMISSION_DENIED")) throw error;
      this.#mayReadMetadata = false;
      return undefined;
    }
  }

  async #ask(
    kind: "data" | "metadata",
    path: string,
    version: number | undefined,
    context: CallContext,
  ): Promise<VaultAnswer> {
    const { session, mount } = this.#context;
    const values = { mount, path };
    const answer = await session.call(
      { path: `{+mount}/${kind}/{+path}`, values, query: { version }, accept: [404] },
      context,
    );
    if (answer.hasData) this.#isKnown = true;
    // The warning means that the request is invalid, because the mount is above the configured path.
    else if (answer.hasWarnings) throw otherKvVersion(2);
    if (!this.#isKnown) await this.#checkMount(context);
    return answer;
  }

  /** Checks the version of the mount, once, with the first missing secret. A denial counts as confirmation. */
  async #checkMount(context: CallContext): Promise<void> {
    const { session, mount } = this.#context;
    try {
      const found = await lookUpKvMount(session, mount, context);
      if (!found.isKv || !found.keepsVersions) throw otherKvVersion(2);
    } catch (error) {
      if (!isSecretError(error, "PERMISSION_DENIED")) throw error;
    }
    this.#isKnown = true;
  }

  /** Returns the time of Vault, by which it deletes versions. */
  #vaultNow(answer: VaultAnswer): number {
    const { host } = this.#context;
    return host.clock.now() - clockSkewMs(answer, host);
  }
}

interface Kv2Metadata {
  readonly current: number;
  readonly versions: readonly Kv2Version[];
}

/** The number of versions that Vault keeps by default. */
const mostVersions = 10;

function readMetadata(data: unknown): Kv2Metadata | undefined {
  const { current_version: current, versions } = (data ?? {}) as Readonly<Record<string, unknown>>;
  if (typeof current !== "number" || typeof versions !== "object" || versions === null) return undefined;
  const read = Object.entries(versions).map(([number, details]) => readKv2Version(Number(number), details));
  return { current, versions: read.filter((each) => each !== undefined) };
}

/** Returns the configured keys of the custom metadata, which may otherwise contain sensitive text. */
function labelsOf(custom: unknown, keys: readonly string[]): Readonly<Record<string, string>> {
  const all = (typeof custom === "object" && custom !== null ? custom : {}) as Readonly<Record<string, unknown>>;
  return Object.fromEntries(
    keys.flatMap((key) => {
      const label = Object.hasOwn(all, key) ? all[key] : undefined;
      return typeof label === "string" ? [[key, label]] : [];
    }),
  );
}
