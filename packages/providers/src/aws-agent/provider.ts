import type {
  CallContext,
  Finding,
  Provider,
  ProviderHost,
  ProviderResult,
  ReadRequest,
  Supports,
} from "@tacit/core/provider";
import { guarded, notFound, type OkResult, unlessHeld } from "../shared/answer.ts";
import { parameterNames, secretId, secretNames } from "../shared/cloud/aws-names.ts";
import {
  absentParameter,
  type Parameter,
  parameterId,
  parameterIn,
  parameterSelector,
  parameterVersion,
} from "../shared/cloud/aws-parameter.ts";
import { absentSecret, secretAbsence, toSecretVersion, versionInput } from "../shared/cloud/aws-secret.ts";
import { RecentReads } from "../shared/recent-reads.ts";
import { SteadyVersions } from "../shared/steady-versions.ts";
import { AgentApi } from "./api.ts";
import { diagnose } from "./diagnose.ts";
import type { AwsAgentOptions } from "./options.ts";

/** What the adapter can do. */
export const awsAgentSupports: Supports = {
  payload: "value",
  versions: true,
  subscribe: false,
  conditional: true,
  // The agent holds values for 5 minutes by default, and is on this machine.
  defaultPollMs: 60_000,
};

/** Opens a provider; nothing is read or asked before the first call. @throws {SecretError} INVALID_CONFIG for a URL that cannot be used */
export function openAwsAgentProvider(
  options: AwsAgentOptions,
  host: ProviderHost,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Provider {
  const api = new AgentApi(options, host, environment);
  const reader = options.service === "parameters" ? new ParameterReader(api) : new SecretReader(api, options, host);
  const steady = new SteadyVersions(host);
  const recent = new RecentReads("in the account and region of the agent", "Correct the name or its binding.");
  const ask = async (request: ReadRequest, context: CallContext): Promise<ProviderResult> => {
    const found = await reader.find(request, context);
    if (found === undefined) return notFound;
    const result = steady.settle(request, found);
    return result.status === "ok" ? unlessHeld(result, request) : result;
  };
  return guarded(
    {
      supports: awsAgentSupports,
      get: (request, context) => recent.record(request.path, () => ask(request, context)),
      diagnose: (context): Promise<readonly Finding[]> =>
        diagnose({ options, environment, ask, failures: recent.failures }, context),
      close: () => api.close(),
    },
    host,
  );
}

/** Reads secrets of Secrets Manager. */
class SecretReader {
  readonly #api: AgentApi;
  readonly #host: ProviderHost;
  readonly #options: AwsAgentOptions;

  constructor(api: AgentApi, options: AwsAgentOptions, host: ProviderHost) {
    this.#api = api;
    this.#options = options;
    this.#host = host;
  }

  async find({ path, version, fresh }: ReadRequest, context: CallContext): Promise<OkResult | undefined> {
    const id = secretId(secretNames.check(path), this.#options);
    const { VersionId: versionId, VersionStage: versionStage } = versionInput(version);
    const answer = await this.#api.ask(
      {
        path: "/secretsmanager/get",
        query: { secretId: id, versionId, versionStage },
        about: { action: "GetSecretValue", service: "secretsmanager", resource: id },
        accept: absentSecret,
        fresh,
      },
      context,
    );
    if (answer.output === undefined) {
      secretAbsence(answer.refusal, { path, resource: id, host: this.#host });
      return undefined;
    }
    const { bytes, versionId: found, createdAt } = toSecretVersion(answer.output, id);
    return bytes && { status: "ok", payload: { kind: "value", bytes }, version: found, createdAt };
  }
}

/** Reads parameters of Parameter Store, which the extension of AWS Lambda serves. */
class ParameterReader {
  readonly #api: AgentApi;

  constructor(api: AgentApi) {
    this.#api = api;
  }

  async find({ path, version }: ReadRequest, context: CallContext): Promise<OkResult | undefined> {
    parameterNames.check(path);
    const found = await this.#version(path, version, context);
    if (found === undefined) return undefined;
    const { bytes, modifiedAt: createdAt } = found;
    return { status: "ok", payload: { kind: "value", bytes }, version: parameterVersion(found), createdAt };
  }

  async #version(path: string, version: ReadRequest["version"], context: CallContext): Promise<Parameter | undefined> {
    if (typeof version === "object") {
      const selector = parameterSelector(version.id);
      if (selector === undefined) return undefined;
      const by = /^\d+$/.test(selector) ? { version: selector } : { label: selector };
      const found = await this.#ask(path, by, context);
      const isOther = found && selector !== version.id && parameterVersion(found) !== version.id;
      return isOther ? undefined : found;
    }
    const current = await this.#ask(path, {}, context);
    if (current === undefined || version === "current") return current;
    return current.number > 1 ? this.#ask(path, { version: current.number - 1 }, context) : undefined;
  }

  async #ask(
    path: string,
    by: { readonly version?: number | string; readonly label?: string },
    context: CallContext,
  ): Promise<Parameter | undefined> {
    const name = parameterId(path);
    const answer = await this.#api.ask(
      {
        path: "/systemsmanager/parameters/get",
        query: { name, ...by, withDecryption: true },
        about: { action: "GetParameter", service: "ssm", resource: name },
        accept: absentParameter,
      },
      context,
    );
    return answer.output === undefined ? undefined : parameterIn(answer.output, name);
  }
}
