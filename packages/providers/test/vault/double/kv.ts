import type { DoubleAnswer } from "../../http-double.ts";
import { type DoubleRequest, envelope } from "./request.ts";

interface StoredVersion {
  /** JSON as it was written. */
  readonly data: string;
  readonly createdTime: string;
  deletionTime: string;
  destroyed: boolean;
}

interface StoredSecret {
  readonly versions: StoredVersion[];
  custom: Readonly<Record<string, string>> | null;
}

const missing: DoubleAnswer = { status: 404, body: { errors: [] } };

/** What a mount of version 2 says of a path that is none of its own. */
const unversioned: DoubleAnswer = {
  status: 404,
  body: envelope("null", { warnings: ["Invalid path for a versioned K/V secrets engine."] }),
};

/** A KV mount of version 2. */
export class DoubleKv2 {
  readonly options: { readonly version: string } | null = { version: "2" };
  readonly #secrets = new Map<string, StoredSecret>();
  readonly #now: () => number;
  #count = 0;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** @param data an object, or JSON text to be kept as it is */
  put(path: string, data: object | string, deletionTime = ""): void {
    const secret = this.#secrets.get(path) ?? { versions: [], custom: null };
    this.#secrets.set(path, secret);
    // Nanoseconds, so that no two versions are made at one moment.
    this.#count += 1;
    const nanoseconds = `${this.#count}`.padStart(6, "0");
    const createdTime = new Date(this.#now()).toISOString().replace("Z", `${nanoseconds}Z`);
    const text = typeof data === "string" ? data : JSON.stringify(data);
    secret.versions.push({ data: text, createdTime, deletionTime, destroyed: false });
  }

  label(path: string, custom: Readonly<Record<string, string>>): void {
    const secret = this.#secrets.get(path);
    if (secret !== undefined) secret.custom = custom;
  }

  /** @param number by default the newest */
  delete(path: string, number?: number): void {
    const version = this.#version(path, number);
    if (version !== undefined) version.deletionTime = new Date(this.#now()).toISOString();
  }

  undelete(path: string, number?: number): void {
    const version = this.#version(path, number);
    if (version !== undefined) version.deletionTime = "";
  }

  destroy(path: string, number?: number): void {
    const version = this.#version(path, number);
    if (version !== undefined) version.destroyed = true;
  }

  /** Wipes all versions: the next one is 1 again. */
  wipe(path: string): void {
    this.#secrets.delete(path);
  }

  handle(path: string, { query }: DoubleRequest): DoubleAnswer | undefined {
    const [, kind, name = ""] = /^(data|metadata)\/(.+)$/.exec(path) ?? [];
    if (kind === "data") return this.#read(name, Number(query.version ?? "0"));
    return kind === "metadata" ? this.#metadata(name) : unversioned;
  }

  #read(name: string, wanted: number): DoubleAnswer {
    const secret = this.#secrets.get(name);
    const number = wanted === 0 ? (secret?.versions.length ?? 0) : wanted;
    const version = this.#version(name, number);
    if (secret === undefined || version === undefined) return missing;
    const metadata = JSON.stringify({ ...told(version), version: number, custom_metadata: secret.custom });
    const isGone =
      version.destroyed || (version.deletionTime !== "" && Date.parse(version.deletionTime) <= this.#now());
    const body = envelope(`{"data":${isGone ? "null" : version.data},"metadata":${metadata}}`);
    return { status: isGone ? 404 : 200, body };
  }

  #metadata(name: string): DoubleAnswer {
    const secret = this.#secrets.get(name);
    if (secret === undefined) return missing;
    const versions = Object.fromEntries(secret.versions.map((version, index) => [`${index + 1}`, told(version)]));
    const data = { current_version: secret.versions.length, versions, custom_metadata: secret.custom, max_versions: 0 };
    return { body: envelope(JSON.stringify(data)) };
  }

  #version(path: string, number?: number): StoredVersion | undefined {
    const versions = this.#secrets.get(path)?.versions ?? [];
    return versions[(number ?? versions.length) - 1];
  }
}

function told({ createdTime, deletionTime, destroyed }: StoredVersion): object {
  return { created_time: createdTime, deletion_time: deletionTime, destroyed };
}

/** A KV mount of version 1. */
export class DoubleKv1 {
  options: { readonly version: string } | null = null;
  readonly #secrets = new Map<string, string>();

  put(path: string, data: object | string): void {
    this.#secrets.set(path, typeof data === "string" ? data : JSON.stringify(data));
  }

  wipe(path: string): void {
    this.#secrets.delete(path);
  }

  handle(path: string, _request: DoubleRequest): DoubleAnswer | undefined {
    const data = this.#secrets.get(path);
    return data === undefined ? missing : { body: envelope(data, { lease_duration: 2_764_800 }) };
  }
}
