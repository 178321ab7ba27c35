import { invalidPath, withPrefix } from "./path.ts";

/** The naming rules of a store without folders. */
export interface FlatNameRules {
  readonly name: RegExp;
  /** Matches a version in a path or request. */
  readonly version: RegExp;
  /** The name of the current version in a path, if the store has one. */
  readonly current?: string;
  /** The separator of name and version in a path: `/`. */
  readonly between: string;
  /** Matches characters that names of the application may contain, but not names of the store; each becomes `-`. */
  readonly replaced: RegExp;
  /** Whether the names of the store are case-insensitive. Default: false. */
  readonly ignoresCase?: boolean;
  /** The tip of errors: how to write a path. */
  readonly tip: string;
}

/** The parts of a path: a secret, or one version of it. */
export interface FlatPath {
  readonly name: string;
  /** Undefined for the current version. */
  readonly version: string | undefined;
}

/** Converts and checks the names and paths of a store without folders. */
export class FlatNames {
  readonly #rules: FlatNameRules;

  constructor(rules: FlatNameRules) {
    this.#rules = rules;
  }

  isVersion(version: string): boolean {
    return this.#rules.version.test(version);
  }

  /** Returns whether names of the store can begin with a text. */
  isPrefix(prefix: string): boolean {
    return this.#rules.name.test(this.#converted(prefix));
  }

  /** Parses the path of a secret, or of one version of it. @throws {SecretError} INVALID_NAME `path` */
  parse(path: string): FlatPath {
    const [name = "", version, ...rest] = path.split(this.#rules.between);
    const isKnown = this.#rules.name.test(name) && (version === undefined || this.isVersion(version));
    if (isKnown && rest.length === 0) return { name, version: version === this.#rules.current ? undefined : version };
    throw invalidPath(this.#rules.tip);
  }

  /** Returns the path of a name: prefix and name joined by `/`, with invalid characters replaced. @throws {SecretError} INVALID_NAME `path` */
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
