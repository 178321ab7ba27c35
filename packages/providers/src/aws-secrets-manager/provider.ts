import {
  type CallContext,
  isSecretError,
  type Provider,
  type ProviderHost,
  type ProviderResult,
  type ReadRequest,
  type Supports,
} from "@tacit/core/provider";
import { guarded, notFound, unlessHeld } from "../shared/answer.ts";
import { type BatchReader, leftOut, type Member, readTogether } from "../shared/batch.ts";
import { AwsClient } from "../shared/cloud/aws-client.ts";
import type { AwsService } from "../shared/cloud/aws-endpoint.ts";
import { checkIn, isAbout, secretId, secretNames, secretResource } from "../shared/cloud/aws-names.ts";
import {
  absentSecret,
  type SecretVersion,
  secretAbsence,
  toSecretVersion,
  versionInput,
} from "../shared/cloud/aws-secret.ts";
import { RecentReads } from "../shared/recent-reads.ts";
import { SteadyVersions } from "../shared/steady-versions.ts";
import { type SecretBatch, toSecretBatch } from "./api.ts";
import { diagnose } from "./diagnose.ts";
import { refusedResult } from "./errors.ts";
import type { AwsSecretsManagerOptions } from "./options.ts";

/** What the adapter can do. */
export const awsSecretsManagerSupports: Supports = {
  payload: "value",
  versions: true,
  subscribe: false,
  conditional: true,
  batch: 20,
  defaultPollMs: 300_000,
};

/** Secrets Manager, as requests name it. */
const secretsManager: AwsService = {
  name: "secretsmanager",
  target: "secretsmanager",
  variable: "SECRETS_MANAGER",
};

/** Opens a provider; nothing is read or asked before the first call. @throws {SecretError} INVALID_CONFIG without a region, or for an address that cannot be used */
export function openAwsSecretsManagerProvider(
  options: AwsSecretsManagerOptions,
  host: ProviderHost,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Provider {
  const client = new AwsClient(secretsManager, options, host, environment);
  const store = new SecretsManager(client, options, host);
  return guarded(
    {
      supports: awsSecretsManagerSupports,
      get: (request, context) => store.get(request, context),
      getMany: (requests, context) => store.getMany(requests, context),
      diagnose: (context) =>
        diagnose(
          { client, host, environment, failures: store.recent.failures, resourceOf: store.resourceOf, options },
          context,
        ),
      close: () => client.close(),
    },
    host,
  );
}

/** Reads secrets of one region. */
class SecretsManager {
  /** path -> the newest failure */
  readonly recent: RecentReads;
  readonly #client: AwsClient;
  readonly #host: ProviderHost;
  readonly #options: AwsSecretsManagerOptions;
  readonly #steady: SteadyVersions;
  /** Monotonic time until which several secrets are not asked for in one call. */
  #batchDeniedUntil = Number.NEGATIVE_INFINITY;

  constructor(client: AwsClient, options: AwsSecretsManagerOptions, host: ProviderHost) {
    this.#client = client;
    this.recent = new RecentReads(`in ${client.region}`, missingTip);
    this.#host = host;
    this.#options = options;
    this.#steady = new SteadyVersions(host);
  }

  async get(request: ReadRequest, context: CallContext): Promise<ProviderResult> {
    const path = this.#checked(request.path);
    return this.recent.record(path, () => this.#read(path, request, context));
  }

  getMany(requests: readonly ReadRequest[], context: CallContext): Promise<readonly Member[]> {
    const reader: BatchReader = {
      check: (path) => this.#checked(path),
      together: (asked) => this.#readMany(asked, context),
      alone: (request) => this.get(request, context),
    };
    return readTogether(requests, reader, context);
  }

  /** How IAM names the secret at a path. */
  readonly resourceOf = (path: string, account?: string): string =>
    secretResource(this.#idOf(path), this.#client.region, account);

  async #read(path: string, request: ReadRequest, context: CallContext): Promise<ProviderResult> {
    const resource = this.resourceOf(path);
    const answer = await this.#client.call(
      {
        action: "GetSecretValue",
        input: { SecretId: this.#idOf(path), ...versionInput(request.version) },
        resource,
        accept: absentSecret,
      },
      context,
    );
    if (answer.output === undefined) return secretAbsence(answer.refusal, { path, resource, host: this.#host });
    return this.#resultOf(toSecretVersion(answer.output, this.#idOf(path)), request);
  }

  /** Undefined where this identity may not ask for several at once, or one of the names makes the store refuse them all. */
  async #readMany(
    requests: readonly ReadRequest[],
    context: CallContext,
  ): Promise<ReadonlyMap<string, Member> | undefined> {
    if (this.#host.clock.monotonic() < this.#batchDeniedUntil) return undefined;
    const ids = requests.map(({ path }) => this.#idOf(path));
    const answer = await this.#client.call(
      {
        action: "BatchGetSecretValue",
        input: { SecretIdList: ids },
        resource: "*",
        accept: [...absentSecret, "AccessDeniedException", "InvalidParameterException"],
        maxBytes: mostBatchBytes,
      },
      context,
    );
    if (answer.output === undefined) {
      if (answer.refusal.type === "AccessDeniedException") this.#tellBatchDenied();
      return undefined;
    }
    const batch = toSecretBatch(answer.output);
    const found = new Map<string, Member>();
    for (const request of requests) {
      const member = this.#memberOf(batch, request);
      found.set(request.path, member);
      this.recent.note(request.path, member);
    }
    return found;
  }

  /** The failure of one, of whichever kind, leaves the values of the others. */
  #memberOf(batch: SecretBatch, request: ReadRequest): Member {
    const { path } = request;
    const id = this.#idOf(path);
    const value = batch.values.find((each) => isAbout(id, each));
    const error = batch.errors.find((each) => each.id === id);
    try {
      if (value !== undefined) return this.#resultOf(toSecretVersion(value, id), request);
      if (error === undefined) return leftOut();
      return refusedResult(error, { path, resource: this.resourceOf(path), host: this.#host });
    } catch (failure) {
      if (isSecretError(failure)) return failure;
      throw failure;
    }
  }

  #resultOf(version: SecretVersion, request: ReadRequest): ProviderResult {
    const { bytes, versionId, createdAt } = version;
    // A version that a rotation has made and not filled yet.
    if (bytes === undefined) return notFound;
    const result = this.#steady.settle(request, {
      status: "ok",
      payload: { kind: "value", bytes },
      version: versionId,
      createdAt,
    });
    return result.status === "ok" ? unlessHeld(result, request) : result;
  }

  /** @throws {SecretError} INVALID_NAME, INVALID_CONFIG `region` */
  #checked(path: string): string {
    return this.recent.checked(path, () => checkIn(this.#client.region, secretNames, path));
  }

  #idOf(path: string): string {
    return secretId(path, this.#options);
  }

  #tellBatchDenied(): void {
    this.#batchDeniedUntil = this.#host.clock.monotonic() + batchDeniedMs;
    this.#host.warn(
      "batch-denied",
      'This identity may not read several secrets in one call, so each takes its own call: also allow secretsmanager:BatchGetSecretValue on "*", which grants no access to any value.',
    );
  }
}

const missingTip = "Correct the name or its binding; a secret in another region needs a provider with that `region`.";
/** A policy may be changed, and takes a while to reach all servers of AWS. */
const batchDeniedMs = 3_600_000;
/** 20 values of 64 KiB, each character of which may be written as six. */
const mostBatchBytes = 8 * 1024 * 1024;
