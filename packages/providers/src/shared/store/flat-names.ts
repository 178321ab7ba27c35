import { invalidPath, withPrefix } from "./path.ts";

/** How a store names its secrets that knows no folders. */
export interface FlatNameRules {
  readonly name: RegExp;
  /** A version as a path or a request gives it. */
  readonly version: RegExp;
  /** The version that stands for the current one, where a path may say that. */
  readonly current?: string;
  /** Stands between a name and a version in a path: `/`. */
  readonly between: string;
  /** What a name of the application may have in it and no secret has; each becomes `-`. */
  readonly replaced: RegExp;
  /** Whether names that differ in case alone are one secret. */
  readonly ignoresCase?: boolean;
  /** How a path is written. */
  readonly tip: string;
}

/** One secret, or one version of it. */
export interface FlatPath {
  readonly name: string;
  /** Undefined for the current one. */
  readonly version: string | undefined;
}

/** The names and paths of a store that knows no folders. */
export class FlatNames {
  readonly #rules: FlatNameRules;

  constructor(rules: FlatNameRules) {
    this.#rules = rules;
  }

  isVersion(version: string): boolean {
    return this.#rules.version.test(version);
  }

  /** Whether a text can begin the name of a secret. */
  isPrefix(prefix: string): boolean {
    return this.#rules.name.test(this.#converted(prefix));
  }

  /** Reads the path of a secret, or of one version of it. @throws {SecretError} INVALID_NAME `path` */
  parse(path: string): FlatPath {
    const [name = "", version, ...rest] = path.split(this.#rules.between);
    const isKnown = this.#rules.name.test(name) && (version === undefined || this.isVersion(version));
    if (isKnown && rest.length === 0) return { name, version: version === this.#rules.current ? undefined : version };
    throw invalidPath(this.#rules.tip);
  }

  /** Returns the secret of a name: the prefix and the name joined by `/`, without what no secret has. @throws {SecretError} INVALID_NAME `path` */
  toPath(name: string, prefix: string | undefined): string {
    const secret = this.#converted(withPrefix(name, prefix));
    if (this.#rules.name.test(secret)) return secret;
    throw invalidPath(this.#rules.tip);
  }

  #converted(text: string): string {
    const { replaced, ignoresCase } = this.#rules;
    const name = text.replace(replaced, "-");
    return ignoresCase === true ? name.toLowerCase() : name;
  }
}
