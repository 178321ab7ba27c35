import { seededRandom } from "../measure/random.ts";
import { flat, randomText } from "./registered-values.ts";

/** What one log call is given. */
export interface LogCall {
  readonly fields: object;
  readonly message: string;
}

/** How log calls are made that differ a little from each other. */
export type LogKind = "request" | "escapes" | "error";

/** The fields of every line; those of the machine would change the length of the lines. */
export const base: object = { pid: 4242, hostname: "orders-2x8k" };

const variants = 64;
const random = seededRandom(7);
const callers = Array.from({ length: variants }, () => randomText(10, "0123456789abcdef", random));
const paths = callers.map((caller, index) => `/v1/orders/${caller.slice(0, 8)}?page=${index}`);
const errors = callers.map(failure);

/** The call number `index`: a fresh object each time, as a service makes it. */
export function logCall(kind: LogKind, index: number): LogCall {
  if (kind === "error") return { fields: { err: errors[index % variants] }, message: "order failed" };
  return {
    fields: requestFields(index, callers[index % variants] ?? ""),
    message: kind === "request" ? "request completed" : messageWithEscapes,
  };
}

/** The call of a request whose authorization header holds this text. */
export function callWith(authorization: string, index: number): LogCall {
  return { fields: requestFields(index, authorization), message: "request completed" };
}

/** Lines of 300 bytes as pino writes them, each in one piece. */
export function requestLines(authorizations: readonly (string | undefined)[]): readonly string[] {
  return authorizations.map((authorization, index) => {
    const { fields } = authorization === undefined ? logCall("request", index) : callWith(authorization, index);
    const head = { level: 30, time: 1_767_225_600_000 + index, ...base };
    return flat(`${JSON.stringify({ ...head, ...fields, msg: "request completed" })}\n`);
  });
}

/** The parts of a line that pino joins: about one for each field. */
export function partsOf(line: string): readonly string[] {
  return line.split(/(?=[,}]")/).map(flat);
}

const messageWithEscapes = 'query "SELECT id FROM orders" took long:\n\tC:\\data\\orders.db was locked\n\tretry 1 of 3';

function requestFields(index: number, authorization: string): object {
  const variant = index % variants;
  return {
    req: {
      id: index,
      method: "GET",
      url: paths[variant],
      headers: { host: "example.com", authorization: `Bearer ${authorization}` },
      remoteAddress: "10.1.24.7",
    },
    res: { statusCode: 200 },
    responseTime: 12 + variant,
  };
}

/** A stack of its own making: the real one tells of the machine, and its length changes with it. */
function failure(caller: string): Error {
  const error = new Error(`order ${caller} was refused by the warehouse`);
  const frames = Array.from(
    { length: 10 },
    (_, depth) => `    at handle${depth} (file:///srv/orders/dist/layer-${depth}/handler.js:${depth + 20}:17)`,
  );
  error.stack = `Error: ${error.message}\n${frames.join("\n")}`;
  return error;
}
