import type { IncomingMessage } from "node:http";

/** A request as an API server understands it. */
export interface ApiRequest {
  readonly method: string;
  readonly verb: "get" | "list" | "watch" | "create" | "unknown";
  /** `secrets`, `serviceaccounts/token`, `selfsubjectaccessreviews`, `readyz`, or empty. */
  readonly resource: string;
  readonly namespace: string;
  /** Also the one that a field selector names, as the API server does for access rules. */
  readonly name: string | undefined;
  readonly query: Readonly<Record<string, string | undefined>>;
  readonly token: string;
  readonly userAgent: string;
  readonly accept: string;
  /** The headers of an impersonation, one entry for each line. */
  readonly impersonation: NodeJS.Dict<string[]>;
  readonly body: unknown;
}

/** Reads method, path and headers. */
export function parseApiRequest(message: IncomingMessage, body: string): ApiRequest {
  const { method = "", headers } = message;
  const url = new URL(message.url ?? "", "https://double");
  const query = Object.fromEntries(url.searchParams) as ApiRequest["query"];
  const core = /^\/api\/v1\/namespaces\/([^/]+)\/(secrets|serviceaccounts)(?:\/([^/]+))?(\/token)?$/.exec(url.pathname);
  const review = /^\/apis\/authorization\.k8s\.io\/v1\/(selfsubjectaccessreviews)$/.exec(url.pathname);
  const ready = /^\/(readyz)$/.exec(url.pathname);
  const [, namespace = "", kind = "", name, subresource = ""] = core ?? [];
  const selected = /^metadata\.name=(.+)$/.exec(query.fieldSelector ?? "")?.[1];
  return {
    method,
    verb: verbOf(method, name, query),
    resource: review?.[1] ?? ready?.[1] ?? `${kind}${subresource}`,
    namespace: decodeURIComponent(namespace),
    name: name === undefined ? selected : decodeURIComponent(name),
    query,
    token: headers.authorization?.replace(/^Bearer /, "") ?? "",
    userAgent: headers["user-agent"] ?? "",
    accept: headers.accept ?? "",
    impersonation: impersonationIn(message.rawHeaders),
    body: body === "" ? undefined : JSON.parse(body),
  };
}

/** Reads the lines as they came: under Node 24, `headersDistinct` is now and then empty in a process that has run for long. */
function impersonationIn(lines: readonly string[]): NodeJS.Dict<string[]> {
  const sent: NodeJS.Dict<string[]> = {};
  for (let index = 0; index < lines.length; index += 2) {
    const name = lines[index]?.toLowerCase() ?? "";
    if (name.startsWith("impersonate-")) sent[name] = [...(sent[name] ?? []), lines[index + 1] ?? ""];
  }
  return sent;
}

function verbOf(method: string, name: string | undefined, query: ApiRequest["query"]): ApiRequest["verb"] {
  if (method === "POST") return "create";
  if (method !== "GET") return "unknown";
  if (query.watch === "true" || query.watch === "1") return "watch";
  return name === undefined ? "list" : "get";
}
