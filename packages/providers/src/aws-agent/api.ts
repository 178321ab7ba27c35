import { type CallContext, isSecretError, type ProviderHost } from "@tacit/core/provider";
import { isRecord } from "../shared/answer.ts";
import { type AwsRefusal, awsFailure, refusalIn } from "../shared/cloud/aws-errors.ts";
import { malformedSecret } from "../shared/cloud/aws-secret.ts";
import type { HttpClient } from "../shared/http/client.ts";
import { createHttpClient } from "../shared/http/create-client.ts";
import type { HttpHeaders } from "../shared/http/headers.ts";
import type { UrlValues } from "../shared/http/path.ts";
import { credentialLogin, type StoreLogin } from "../shared/store/store-login.ts";
import { agentFailure, refusals } from "./errors.ts";
import type { AwsAgentOptions } from "./options.ts";
import { agentToken } from "./token.ts";

/** One question to the agent. */
export interface AgentQuestion {
  readonly path: "/secretsmanager/get" | "/systemsmanager/parameters/get";
  readonly query: UrlValues;
  readonly about: { readonly action: string; readonly service: string; readonly resource: string };
  /** The refusals of AWS that the adapter wants to see as an answer. */
  readonly accept: readonly string[];
  /** Whether the agent is to ask AWS, whatever it holds. */
  readonly fresh?: boolean | undefined;
}

/** What the agent answered: JSON, or a refusal of AWS that was to be accepted. */
export type AgentAnswer =
  | { readonly output: Readonly<Record<string, unknown>> }
  | { readonly output?: undefined; readonly refusal: AwsRefusal };

/** Asks an agent, which is on this machine: never through a proxy. */
export class AgentApi {
  readonly #login: StoreLogin;
  readonly #http: HttpClient;
  /** Whether the agent can be told not to answer with what it holds, as far as is known. */
  #canRefresh = true;

  /** @throws {SecretError} INVALID_CONFIG for a URL that is http on another machine */
  constructor(options: AwsAgentOptions, host: ProviderHost, environment: Readonly<Record<string, string | undefined>>) {
    this.#login = credentialLogin(async () => ({
      "x-aws-parameters-secrets-token": await agentToken(options.token, host, environment),
    }));
    this.#http = createHttpClient({ url: options.url, application: options.application }, host);
  }

  /** @throws {SecretError} */
  async ask(question: AgentQuestion, context: CallContext): Promise<AgentAnswer> {
    if (question.fresh !== true || !this.#canRefresh) return this.#send(question, context);
    try {
      return await this.#send({ ...question, query: { ...question.query, refreshNow: true } }, context);
    } catch (error) {
      if (!isSecretError(error) || error.reason !== "bad-request") throw error;
    }
    // The extension of AWS Lambda and early agents know no such parameter.
    const answer = await this.#send(question, context);
    this.#canRefresh = false;
    return answer;
  }

  #send(question: AgentQuestion, context: CallContext): Promise<AgentAnswer> {
    const { path, query } = question;
    // An agent that starts anew writes another token.
    return this.#login.call((headers) => this.#sendOnce(question, headers, context), context, { path, query });
  }

  async #sendOnce(
    { path, query, about, accept }: AgentQuestion,
    headers: HttpHeaders,
    { signal }: CallContext,
  ): Promise<AgentAnswer> {
    const answer = await this.#http.request({ path, query, headers, accept: refusals }, { signal });
    if (answer.status < 300) {
      const output = answer.json();
      if (isRecord(output)) return { output };
      throw malformedSecret();
    }
    const refusal = refusalIn(answer);
    if (refusal === undefined) throw agentFailure(answer);
    if (accept.includes(refusal.type)) return { refusal };
    const { retryAfterMs, cause } = answer.failure();
    throw awsFailure(refusal, about, { retryAfterMs, cause });
  }

  close(): Promise<void> {
    return this.#http.close();
  }
}
