import type { IncomingMessage } from "node:http";
import type { DoubleParameterStore } from "../aws-parameter-store/store.ts";
import type { DoubleSecretsManager } from "../aws-secrets-manager/store.ts";
import { type DoubleAnswer, HttpDouble } from "../http-double.ts";

/** A question to the agent. */
export interface AgentRequest {
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: IncomingMessage["headers"];
}

/** The Secrets Manager Agent, and what the extension of AWS Lambda adds to it. */
export class AgentDouble extends HttpDouble<AgentRequest> {
  token = "s3cret-fixture-token-1";
  readonly made = [this.token];
  /** Called when it is started with another token. */
  onToken: ((token: string) => void) | undefined;
  /** Whether it is the extension, and no function is being invoked. */
  isIdle = false;
  /** How long it holds what Secrets Manager has answered; 5 min in production. */
  ttlMs = 0;
  /** The parameters that it knows; others it refuses. */
  readonly parameters = new Set(["secretId", "versionId", "versionStage", "refreshNow"]);
  /** parameters without `refreshNow` -> the answer of Secrets Manager, and when it came */
  readonly #cache = new Map<string, { readonly answer: DoubleAnswer; readonly at: number }>();
  readonly #secrets: DoubleSecretsManager;
  readonly #parameters: DoubleParameterStore;

  constructor(secrets: DoubleSecretsManager, parameters: DoubleParameterStore) {
    super();
    this.#secrets = secrets;
    this.#parameters = parameters;
  }

  override expireLogins(): void {
    this.token = `s3cret-fixture-token-${this.made.length + 1}`;
    this.made.push(this.token);
    this.onToken?.(this.token);
  }

  protected override parse({ url, headers }: IncomingMessage): AgentRequest {
    const { pathname: path, searchParams } = new URL(url ?? "/", "http://localhost");
    return { path, query: Object.fromEntries(searchParams), headers };
  }

  protected override answer({ path, query, headers }: AgentRequest): DoubleAnswer {
    if (this.isIdle) return text(400, "not ready to serve traffic, please wait");
    if (headers["x-forwarded-for"] !== undefined) return text(400, "Forwarded");
    if (headers["x-aws-parameters-secrets-token"] !== this.token || this.refusesLogins) return text(403, "Bad Token");
    if (path === "/secretsmanager/get") return this.#secret(query);
    if (path === "/systemsmanager/parameters/get") return this.#parameter(query);
    return text(404, "Not found");
  }

  #secret(query: AgentRequest["query"]): DoubleAnswer {
    const unknown = Object.keys(query).find((name) => !this.parameters.has(name));
    if (unknown !== undefined) return text(400, `unknown parameter: ${unknown}`);
    const { refreshNow = "false", ...question } = query;
    if (question.secretId === undefined) return text(400, "missing parameter secretId");
    if (!/^(0|1|true|false)$/.test(refreshNow)) return text(400, "invalid refreshNow value");
    const [key, now] = [JSON.stringify(question), this.now?.() ?? Date.now()];
    const held = this.#cache.get(key);
    if (held !== undefined && now - held.at < this.ttlMs && !/^(1|true)$/.test(refreshNow)) return held.answer;
    const answer = this.#asked(question);
    if (answer.status === undefined) this.#cache.set(key, { answer, at: now });
    return answer;
  }

  #asked({ secretId, versionId, versionStage }: AgentRequest["query"]): DoubleAnswer {
    const input = { SecretId: secretId, VersionId: versionId, VersionStage: versionStage };
    const answer = this.#secrets.actions.GetSecretValue?.(input) ?? {};
    const { CreatedDate: created, ...rest } = answer.body as Record<string, unknown>;
    if (created === undefined) return { ...answer, body: lowerMessage(answer.body) };
    // As text, and in whole seconds; without a content type.
    return { headers: { "content-type": "" }, body: { ...rest, CreatedDate: String(Math.floor(Number(created))) } };
  }

  #parameter({ name, version, label, withDecryption }: AgentRequest["query"]): DoubleAnswer {
    const selector = version ?? label;
    const input = {
      Name: selector === undefined ? name : `${name}:${selector}`,
      WithDecryption: withDecryption === "true",
    };
    return this.#parameters.actions.GetParameter?.(input) ?? {};
  }
}

function lowerMessage(body: DoubleAnswer["body"]): object {
  const { __type, Message } = body as { __type: string; Message: string };
  return { __type: __type.split("#").at(-1), message: Message };
}

function text(status: number, body: string): DoubleAnswer {
  return { status, headers: { "content-type": "text/plain" }, body };
}
