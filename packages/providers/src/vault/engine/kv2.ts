import { type CallContext, isSecretError, type ProviderResult, type ReadRequest } from "@tacit/core/provider";
import { clockSkewMs, localTime } from "../../shared/server-time.ts";
import type { VaultAnswer } from "../../shared/vault/answer.ts";
import type { Engine, EngineContext } from "./engine.ts";
import { lookUpKvMount, otherKvVersion } from "./kv-mount.ts";
import { isReadable, type Kv2Version, parseVersionName, readKv2Version, timeOf, versionName } from "./kv2-version.ts";
import { notFields } from "./refusal.ts";

/** A KV mount that keeps versions. @param mount `isKnown`: Vault has said that it is one; default false */
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
  /** Policies often grant `data/*` alone. Asked anew with each provider, not with each poll. */
  #mayReadMetadata = true;
  /** Whether there is such a mount. A mount of version 1 says of every path that there is nothing, for sure. */
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
    // A secret that was wiped and written again has another version of the same number.
    return found === undefined || found === asked.name || asked.name === `${asked.number}` ? result : notFound;
  }

  /** @param number undefined for the newest */
  async #read(
    path: string,
    number: number | undefined,
    ifVersion: string | undefined,
    context: CallContext,
  ): Promise<ProviderResult> {
    const answer = await this.#ask("data", path, number, context);
    // A version that was deleted or destroyed comes with its metadata, but without data.
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
      // Readable, so it lies ahead.
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

  /** Without metadata: back from the current version, past those that were deleted. */
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

  /** Undefined where there is none, or where it may not be read. */
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
    // What it remarks on a missing secret is that one does not ask it like this: the mount begins further up.
    else if (answer.hasWarnings) throw otherKvVersion(2);
    if (!this.#isKnown) await this.#checkMount(context);
    return answer;
  }

  /** Asked once, by the first read of a secret that is not there; of no concern where it may not be asked. */
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

  /** Wall time of the clock by which Vault deletes versions. */
  #vaultNow(answer: VaultAnswer): number {
    const { host } = this.#context;
    return host.clock.now() - clockSkewMs(answer, host);
  }
}

interface Kv2Metadata {
  readonly current: number;
  readonly versions: readonly Kv2Version[];
}

/** As many as Vault keeps by default. */
const mostVersions = 10;

function readMetadata(data: unknown): Kv2Metadata | undefined {
  const { current_version: current, versions } = (data ?? {}) as Readonly<Record<string, unknown>>;
  if (typeof current !== "number" || typeof versions !== "object" || versions === null) return undefined;
  const read = Object.entries(versions).map(([number, details]) => readKv2Version(Number(number), details));
  return { current, versions: read.filter((each) => each !== undefined) };
}

/** Custom metadata is written by people, so it may hold anything: what may show is listed. */
function labelsOf(custom: unknown, keys: readonly string[]): Readonly<Record<string, string>> {
  const all = (typeof custom === "object" && custom !== null ? custom : {}) as Readonly<Record<string, unknown>>;
  return Object.fromEntries(
    keys.flatMap((key) => {
      const label = Object.hasOwn(all, key) ? all[key] : undefined;
      return typeof label === "string" ? [[key, label]] : [];
    }),
  );
}
