import { type AwsActions, account, awsError } from "../aws-double.ts";
import { region } from "../aws-fixture.ts";
import type { DoubleAnswer } from "../http-double.ts";

/** One version of a parameter. */
interface DoubleParameter {
  readonly value: string;
  readonly type: "String" | "StringList" | "SecureString";
  readonly number: number;
  readonly modifiedAt: number;
  readonly labels: readonly string[];
}

type Input = Readonly<Record<string, unknown>>;

/** Parameter Store: versions and labels, encrypted values, lists of names, hierarchies in pages. */
export class DoubleParameterStore {
  /** name -> its versions, oldest first */
  readonly parameters = new Map<string, DoubleParameter[]>();
  /** Names that may not be read: a list that has one of them is refused as a whole. */
  readonly denied = new Set<string>();
  /** Names whose value is no text. */
  readonly corrupt = new Set<string>();
  isBatchDenied = false;
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  put(name: string, value: string, o: Partial<Pick<DoubleParameter, "type" | "labels">> = {}): void {
    const versions = this.parameters.get(name) ?? [];
    const number = (versions.at(-1)?.number ?? 0) + 1;
    const { type = "SecureString", labels = [] } = o;
    this.parameters.set(name, [...versions, { value, type, number, modifiedAt: this.#now(), labels }]);
  }

  arn(name: string): string {
    return `arn:aws:ssm:${region}:${account}:parameter${name}`;
  }

  /** For the services of the double. */
  readonly actions: AwsActions = {
    GetParameter: (input) => this.#get(input),
    GetParameters: (input) => this.#getMany(input),
    GetParametersByPath: (input) => this.#getBelow(input),
  };

  #get({ Name: asked, WithDecryption: decrypts }: Input): DoubleAnswer {
    const [, name = "", selector] = /^((?:arn:[^/]*)?\/[^:]*)(?::(.+))?$/.exec(String(asked)) ?? [];
    const plain = name.replace(/^arn:[^/]*/, "");
    if (this.denied.has(plain)) return awsError("AccessDeniedException", "not authorized to perform: ssm:GetParameter");
    const versions = this.parameters.get(plain);
    if (versions === undefined) return awsError("ParameterNotFound");
    const found =
      selector === undefined
        ? versions.at(-1)
        : versions.find(({ number, labels }) => String(number) === selector || labels.includes(selector));
    if (found === undefined) return awsError("ParameterVersionNotFound");
    return { body: { Parameter: this.#entry(plain, found, decrypts === true) } };
  }

  #getMany({ Names: names, WithDecryption: decrypts }: Input): DoubleAnswer {
    const list = names as readonly string[];
    if (this.isBatchDenied || list.some((name) => this.denied.has(name))) return awsError("AccessDeniedException");
    if (list.length > 10 || new Set(list).size < list.length) return awsError("ValidationException");
    const found = [...this.parameters].filter(([name]) => list.includes(name));
    return {
      body: {
        // In an order of the store's own.
        Parameters: found.map(([name, versions]) => this.#entry(name, versions.at(-1), decrypts === true)),
        InvalidParameters: list.filter((name) => !this.parameters.has(name)),
      },
    };
  }

  #getBelow({ Path: path, NextToken: token = "0", WithDecryption: decrypts }: Input): DoubleAnswer {
    if (this.denied.has(String(path))) return awsError("AccessDeniedException");
    const below = [...this.parameters].filter(([name]) => name.startsWith(`${path}/`));
    const start = Number(token);
    const page = below.slice(start, start + 10);
    // The first page of a hierarchy may be empty, and the next one not.
    const isEmpty = token === "0";
    const next = isEmpty ? "0.0" : start + 10 < below.length ? String(start + 10) : undefined;
    return {
      body: {
        Parameters: isEmpty
          ? []
          : page.map(([name, versions]) => this.#entry(name, versions.at(-1), decrypts === true)),
        NextToken: next,
      },
    };
  }

  #entry(name: string, parameter: DoubleParameter | undefined, decrypts: boolean): object {
    const { value, type, number, modifiedAt } = parameter as DoubleParameter;
    const shown = type === "SecureString" && !decrypts ? Buffer.from(`AQICAHh${value}`).toString("base64") : value;
    return {
      Name: name,
      ARN: this.arn(name),
      Type: type,
      Value: this.corrupt.has(name) ? 5 : shown,
      Version: number,
      LastModifiedDate: modifiedAt / 1000,
      DataType: "text",
    };
  }
}
