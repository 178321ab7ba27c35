import { dirname, isAbsolute, join } from "node:path";
import { isSecretError, SecretError } from "@tacit/core/provider";
import { base64Bytes } from "../../shared/base64.ts";
import { isRuntimeDenial, runtimeTip } from "../../shared/files/errors.ts";
import { readText } from "../../shared/files/read-text.ts";

/** Members of a map, by name. */
export type Members = Readonly<Record<string, unknown>>;

/** One map of a kubeconfig. Its methods check the type of each member, and their errors name the file and the key. */
export class Section {
  readonly file: string;
  /** The path of the map in the file, such as `users[dev].user`. */
  readonly key: string;
  readonly #members: Members;

  constructor(file: string, key: string, members: Members) {
    this.file = file;
    this.key = key;
    this.#members = members;
  }

  /** The members as they were written. */
  get members(): Members {
    return this.#members;
  }

  has(name: string): boolean {
    return this.raw(name) !== undefined;
  }

  /** Returns a member of any type; undefined if it is absent or null. */
  raw(name: string): unknown {
    return Object.hasOwn(this.#members, name) ? (this.#members[name] ?? undefined) : undefined;
  }

  /** Returns a text; undefined if it is absent or empty, as in kubectl. */
  text(name: string): string | undefined {
    const value = this.raw(name);
    if (value === undefined || value === "") return undefined;
    if (typeof value === "string") return value;
    throw this.broken("is not text", name);
  }

  flag(name: string): boolean {
    const value = this.raw(name) ?? false;
    if (typeof value === "boolean") return value;
    throw this.broken("is neither true nor false", name);
  }

  texts(name: string): readonly string[] {
    const value = this.raw(name) ?? [];
    if (Array.isArray(value) && value.every((each) => typeof each === "string")) return value;
    throw this.broken("is not a list of texts", name);
  }

  section(name: string): Section | undefined {
    const value = this.raw(name);
    if (value === undefined) return undefined;
    if (!isMap(value)) throw this.broken("is not a map", name);
    return new Section(this.file, `${this.key}.${name}`, value);
  }

  /** Returns a path, which is relative to the directory of the kubeconfig. */
  path(name: string): string | undefined {
    const path = this.text(name);
    return path === undefined || isAbsolute(path) ? path : join(dirname(this.file), path);
  }

  /** Reads the file that a member names. */
  async content(name: string): Promise<string | undefined> {
    const path = this.path(name);
    if (path === undefined) return undefined;
    return readText(path).catch((error: unknown) => {
      const tip = isRuntimeDenial(error) ? runtimeTip(path) : undefined;
      throw this.broken(`refers to a file that ${readFault(error)}: "${path}"`, name, tip);
    });
  }

  /** Returns PEM, from the member with the suffix `-data` or else from the file that the member names. */
  async pem(name: string): Promise<string | undefined> {
    const data = this.text(`${name}-data`);
    if (data === undefined) return this.content(name);
    const bytes = base64Bytes(data.replace(/\s/g, ""));
    if (bytes === undefined) throw this.broken("is not base64", `${name}-data`);
    return Buffer.from(bytes.buffer).toString();
  }

  /** @Checks that all members are known, so that none is silently ignored.
@throws {SecretError} INVALID_CONFIG for an unknown member nobody would honour */
  assertKnown(names: ReadonlySet<string>): void {
    const unknown = Object.keys(this.#members).find((name) => !names.has(name));
    if (unknown !== undefined) throw this.broken("is not a known key", unknown);
  }

  /**
   * Creates the error for one key.
   * @param what the problem, without the value of the key
   */
  broken(what: string, name?: string, tip?: string): SecretError {
    const key = [this.key, name].filter(Boolean).join(".");
    return kubeconfigFailure(`"${this.file}": ${key} ${what}`, undefined, tip);
  }
}

/** Returns how a file could not be read, for what follows its name. */
export function readFault(error: unknown): string {
  if (!isSecretError(error)) return "cannot be read";
  return error.reason === "too-large" ? "is too large" : "is not a regular file";
}

export function isMap(value: unknown): value is Members {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * Creates the error for a kubeconfig.
 * @param what the end of a sentence that begins with `the kubeconfig`, without the value of a key
 */
export function kubeconfigFailure(what: string, cause?: unknown, tip?: string): SecretError {
  return new SecretError("INVALID_CONFIG", `the kubeconfig ${what}`, {
    reason: "kubeconfig",
    cause,
    tip:
      tip ??
      'Set KUBECONFIG or the options `kubeconfig` and `context`; "kubectl config get-contexts" lists the contexts.',
  });
}
