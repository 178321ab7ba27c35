import { randomUUID } from "node:crypto";
import { type AwsActions, account, awsError } from "../aws-double.ts";
import { region } from "../aws-fixture.ts";
import type { DoubleAnswer } from "../http-double.ts";

/** One version of a secret. */
export interface DoubleVersion {
  readonly id: string;
  readonly createdAt: number;
  stages: readonly string[];
  /** Undefined where it has no value yet. */
  readonly value?: string | Uint8Array | undefined;
}

/** Secrets Manager: versions and their stages, scheduled deletion, batches. */
export class DoubleSecretsManager {
  /** name -> its versions, oldest first */
  readonly secrets = new Map<string, DoubleVersion[]>();
  /** Names that are marked for deletion. */
  readonly deleted = new Set<string>();
  /** name -> the refusal of reading it */
  readonly refused = new Map<string, readonly [type: string, words: string]>();
  /** Names whose value is not base64. */
  readonly corrupt = new Set<string>();
  isBatchDenied = false;
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Stores a value as the current version. */
  put(name: string, value: string | Uint8Array, id: string = randomUUID()): DoubleVersion {
    const versions = this.secrets.get(name) ?? [];
    for (const version of versions) version.stages = version.stages.includes("AWSCURRENT") ? ["AWSPREVIOUS"] : [];
    const version: DoubleVersion = { id, createdAt: this.#now(), stages: ["AWSCURRENT"], value };
    this.secrets.set(name, [...versions, version]);
    return version;
  }

  /** Adds a version beside the current one. */
  add(name: string, version: Omit<DoubleVersion, "createdAt">): void {
    this.secrets.set(name, [...(this.secrets.get(name) ?? []), { createdAt: this.#now(), ...version }]);
  }

  arn(name: string): string {
    return `arn:aws:secretsmanager:${region}:${account}:secret:${name}-AbCdEf`;
  }

  /** For the services of the double. */
  readonly actions: AwsActions = {
    GetSecretValue: (input) => this.#get(input),
    BatchGetSecretValue: ({ SecretIdList: ids }) => this.#getMany(ids as readonly string[]),
  };

  #get({ SecretId: id, VersionId: versionId, VersionStage: stage }: Readonly<Record<string, unknown>>): DoubleAnswer {
    const name = this.#nameOf(String(id));
    const [type, words] = this.refused.get(name) ?? [];
    if (type !== undefined) return awsError(type, words);
    if (this.deleted.has(name))
      return awsError(
        "InvalidRequestException",
        "You can't perform this operation on the secret because it was marked for deletion.",
      );
    const wanted = stage ?? "AWSCURRENT";
    const version = this.secrets
      .get(name)
      ?.findLast((one) => (versionId === undefined ? one.stages.includes(String(wanted)) : one.id === versionId));
    if (version === undefined || version.value === undefined)
      return awsError("com.amazonaws.secretsmanager#ResourceNotFoundException", "Secrets Manager can't find it.");
    return { headers: { "content-type": "application/x-amz-json-1.1" }, body: this.#entry(name, version) };
  }

  #getMany(ids: readonly string[]): DoubleAnswer {
    if (this.isBatchDenied) return awsError("AccessDeniedException", "not authorized to perform: BatchGetSecretValue");
    if (ids.length > 20 || new Set(ids).size < ids.length) return awsError("InvalidParameterException");
    const answers = ids.map((id) => [id, this.#get({ SecretId: id })] as const);
    // Neither in the order of the request, nor in one of the store's that a client may rely on.
    const values = answers.filter(([, { status = 200 }]) => status === 200).map(([, { body }]) => body);
    const errors = answers.filter(([, { status = 200 }]) => status !== 200);
    return {
      body: {
        SecretValues: values.reverse(),
        Errors: errors.map(([id, { body }]) => {
          const { __type, Message } = body as { __type: string; Message: string };
          return { SecretId: id, ErrorCode: __type.split("#").at(-1), Message };
        }),
      },
    };
  }

  #entry(name: string, { id, createdAt, stages, value }: DoubleVersion): object {
    const binary = this.corrupt.has(name) ? "%%%" : undefined;
    const content =
      typeof value === "string"
        ? { SecretString: value }
        : { SecretBinary: Buffer.from(value ?? "").toString("base64") };
    return {
      ARN: this.arn(name),
      Name: name,
      VersionId: id,
      ...(binary === undefined ? content : { SecretBinary: binary }),
      VersionStages: stages,
      CreatedDate: createdAt / 1000,
    };
  }

  #nameOf(id: string): string {
    return /:secret:(.+)-[A-Za-z0-9]{6}$/.exec(id)?.[1] ?? id;
  }
}
