import {
  type CallContext,
  isSecretError,
  type Provider,
  type ProviderHost,
  type ProviderResult,
  type ReadRequest,
  type Supports,
} from "@tacit/core/provider";
import { guarded, notFound, type OkResult, unlessHeld } from "../shared/answer.ts";
import { type BatchReader, type Member, memberOf, readTogether, singly } from "../shared/batch.ts";
import { AwsClient } from "../shared/cloud/aws-client.ts";
import type { AwsService } from "../shared/cloud/aws-endpoint.ts";
import { checkIn, isAbout, parameterNames, parameterResource } from "../shared/cloud/aws-names.ts";
import {
  absentParameter,
  type Parameter,
  parameterId,
  parameterIn,
  parameterSelector,
  parametersIn,
  parameterVersion,
  toParameter,
} from "../shared/cloud/aws-parameter.ts";
import { RecentPaths } from "../shared/recent-paths.ts";
import { RecentReads } from "../shared/recent-reads.ts";
import { SteadyVersions } from "../shared/steady-versions.ts";
import { diagnose } from "./diagnose.ts";
import { readHierarchy } from "./hierarchy.ts";
import type { AwsParameterStoreOptions } from "./options.ts";

/** Parameter Store, as requests name it. */
const ssm: AwsService = { name: "ssm", target: "AmazonSSM", variable: "SSM" };

/** What a provider with these options can do. */
export function awsParameterStoreSupports({ layout }: Pick<AwsParameterStoreOptions, "layout">): Supports {
  const isHierarchy = layout === "hierarchy";
  return {
    payload: isHierarchy ? "fields" : "value",
    versions: !isHierarchy,
    subscribe: false,
    conditional: true,
    ...(!isHierarchy && { batch: 10 }),
    defaultPollMs: 300_000,
  };
}

/** Opens a provider; nothing is read or asked before the first call. @throws {SecretError} INVALID_CONFIG without a region, or for an address that cannot be used */
export function openAwsParameterStoreProvider(
  options: AwsParameterStoreOptions,
  host: ProviderHost,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Provider {
  const client = new AwsClient(ssm, options, host, environment);
  const store = new ParameterStore(client, options, host);
  const supports = awsParameterStoreSupports(options);
  const provider: Provider = {
    supports,
    get: (request, context) => store.get(request, context),
    ...(supports.batch !== undefined && {
      getMany: (requests: readonly ReadRequest[], context: CallContext) => store.getMany(requests, context),
    }),
    diagnose: (context) =>
      diagnose(
        { client, host, environment, failures: store.recent.failures, resourceOf: store.resourceOf, options },
        context,
      ),
    close: () => client.close(),
  };
  return guarded(provider, host);
}

/** Reads parameters of one region. */
class ParameterStore {
  /** path -> the failure of its last read */
  readonly recent: RecentReads;
  readonly #client: AwsClient;
  readonly #host: ProviderHost;
  readonly #isHierarchy: boolean;
  readonly #steady: SteadyVersions;
  /** Paths that made the store refuse a call for several. */
  readonly #denied = new RecentPaths<true>(mostDenied);
  /** Monotonic time until which several parameters are not asked for in one call. */
  #batchDeniedUntil = Number.NEGATIVE_INFINITY;

  constructor(client: AwsClient, { layout }: AwsParameterStoreOptions, host: ProviderHost) {
    this.#client = client;
    this.recent = new RecentReads(`in ${client.region}`, missingTip);
    this.#host = host;
    this.#isHierarchy = layout === "hierarchy";
    this.#steady = new SteadyVersions(host);
  }

  async get(request: ReadRequest, context: CallContext): Promise<ProviderResult> {
    return this.recent.record(this.#checked(request.path), () =>
      this.#isHierarchy ? this.#readBelow(request, context) : this.#read(request, context),
    );
  }

  getMany(requests: readonly ReadRequest[], context: CallContext): Promise<readonly Member[]> {
    const reader: BatchReader = {
      check: (path) => this.#checked(path),
      together: (asked) => this.#readMany(asked, context),
      alone: (request) => this.get(request, context),
    };
    return readTogether(requests, reader, context);
  }

  /** @throws {SecretError} INVALID_NAME, INVALID_CONFIG `region` */
  #checked(path: string): string {
    return this.recent.checked(path, () => checkIn(this.#client.region, parameterNames, path));
  }

  /** How IAM names the parameter at a path. */
  readonly resourceOf = (path: string, account?: string): string =>
    parameterResource(path, this.#client.region, account);

  async #read(request: ReadRequest, context: CallContext): Promise<ProviderResult> {
    const { path, version } = request;
    if (typeof version === "object") {
      const selector = parameterSelector(version.id);
      const found = selector && (await this.#find(`${parameterId(path)}:${selector}`, path, context));
      // A version as this adapter names it is that of one life of the parameter.
      const isOther = found && selector !== version.id && parameterVersion(found) !== version.id;
      return !found || isOther ? notFound : this.#resultOf(found, request);
    }
    const current = await this.#find(parameterId(path), path, context);
    if (current === undefined || version === "current")
      return current === undefined ? notFound : this.#resultOf(current, request);
    const previous =
      current.number > 1 ? await this.#find(`${parameterId(path)}:${current.number - 1}`, path, context) : undefined;
    return previous === undefined ? notFound : this.#resultOf(previous, request);
  }

  async #find(Name: string, path: string, context: CallContext): Promise<Parameter | undefined> {
    const input = { Name, WithDecryption: true };
    const answer = await this.#client.call(
      { action: "GetParameter", input, resource: this.resourceOf(path), accept: absentParameter },
      context,
    );
    return answer.output === undefined ? undefined : parameterIn(answer.output, parameterId(path));
  }

  #readBelow(request: ReadRequest, context: CallContext): Promise<ProviderResult> {
    const { path } = request;
    const client = this.#client;
    return readHierarchy(
      request,
      { client, host: this.#host, id: parameterId(path), resource: this.resourceOf(path) },
      context,
    );
  }

  /** Undefined where one of the parameters, or asking for several of them, is denied: the store tells no more. */
  async #readMany(
    requests: readonly ReadRequest[],
    context: CallContext,
  ): Promise<ReadonlyMap<string, Member> | undefined> {
    const asked = requests.filter(({ path }) => this.#denied.get(path) === undefined);
    if (this.#host.clock.monotonic() < this.#batchDeniedUntil) return undefined;
    const input = { Names: asked.map(({ path }) => parameterId(path)), WithDecryption: true };
    const call = { action: "GetParameters", input, resource: "*", accept: ["AccessDeniedException"] };
    const answer = asked.length === 0 ? undefined : await this.#client.call(call, context);
    const found = answer?.output === undefined ? new Map<string, Member>() : await this.#members(answer.output, asked);
    const left = requests.filter(({ path }) => !found.has(path));
    for (const [path, member] of await singly(left, { alone: (one) => this.#alone(one, context) }, context))
      found.set(path, member);
    if (answer !== undefined && answer.output === undefined) this.#noteDenied(asked, found);
    for (const [path, member] of found) this.recent.note(path, member);
    return found;
  }

  async #members(
    output: Readonly<Record<string, unknown>>,
    requests: readonly ReadRequest[],
  ): Promise<Map<string, Member>> {
    const parameters = parametersIn(output);
    const missing = new Set(Array.isArray(output.InvalidParameters) ? output.InvalidParameters : []);
    const found = new Map<string, Member>();
    for (const request of requests) {
      const id = parameterId(request.path);
      const parameter = parameters.find((each) => isAbout(id, each));
      if (parameter !== undefined)
        found.set(request.path, await memberOf(() => this.#resultOf(toParameter(parameter), request)));
      else if (missing.has(id)) found.set(request.path, notFound);
    }
    return found;
  }

  /** The names that are denied are left out from then on; where none is, asking for several is. */
  #noteDenied(requests: readonly ReadRequest[], found: ReadonlyMap<string, Member>): void {
    const denied = requests.filter(({ path }) => isSecretError(found.get(path), "PERMISSION_DENIED"));
    for (const { path } of denied) this.#denied.add(path, true);
    if (denied.length > 0) return;
    this.#batchDeniedUntil = this.#host.clock.monotonic() + batchDeniedMs;
    this.#host.warn(
      "batch-denied",
      "This identity may not read several parameters in one call, so each takes its own call: allow ssm:GetParameters wherever ssm:GetParameter is allowed.",
    );
  }

  async #alone(request: ReadRequest, context: CallContext): Promise<ProviderResult> {
    const result = await this.get(request, context);
    this.#denied.delete(request.path);
    return result;
  }

  #resultOf(parameter: Parameter, request: ReadRequest): ProviderResult {
    const { bytes, modifiedAt } = parameter;
    const answer: OkResult = {
      status: "ok",
      payload: { kind: "value", bytes },
      version: parameterVersion(parameter),
      createdAt: modifiedAt,
    };
    const result = this.#steady.settle(request, answer);
    return result.status === "ok" ? unlessHeld(result, request) : result;
  }
}

const missingTip = "Correct the name or its binding; a secret in another region needs a provider with that `region`.";
/** A policy may be changed, and takes a while to reach all servers of AWS. */
const batchDeniedMs = 3_600_000;
/** An application that makes names up must not fill the memory. */
const mostDenied = 10_000;
