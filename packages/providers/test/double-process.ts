import { readFileSync } from "node:fs";
import type { ServerOptions } from "node:https";
import { join } from "node:path";
import type { StoreDouble, StoreRequest } from "./store-double.ts";

/**
 * Runs the double of a store in a process of its own, for tests of other packages, which do as its messages tell:
 * `{ id, call, args }` calls a method, `{ id, set, to }` sets a member, `{ id, answer, on, times }` has requests below a path answered with
 * something else, and `{ id, log }` gives the requests so far.
 * Arguments: the module of the double below this folder, the name of its class, a port, the files of a certificate and its key, and an address.
 */
const [module = "", name = "", port = "0", certificate, key, host] = process.argv.slice(2);
const exported = (await import(join(import.meta.dirname, module))) as Record<
  string,
  new (
    secure?: ServerOptions,
  ) => StoreDouble
>;
const Double = exported[name];
if (Double === undefined) throw new Error(`${module} has no ${name}`);
const secure = certificate && key ? { cert: readFileSync(certificate), key: readFileSync(key) } : undefined;
const double = new Double(secure);
await double.listen(Number(port), host);

interface Order {
  readonly id: number;
  readonly call?: string;
  readonly args?: readonly unknown[];
  /** A member, or one within it: `entra.tenant`. */
  readonly set?: string;
  readonly to?: unknown;
  readonly answer?: ReturnType<StoreDouble["override"]>;
  readonly on?: string;
}

process.on("message", async (order: Order) => {
  try {
    process.send?.({ id: order.id, result: await carryOut(order) });
  } catch (error) {
    process.send?.({ id: order.id, error: String(error) });
  }
});
process.on("disconnect", () => void double.close());
process.send?.({ port: double.port });

async function carryOut({ call, args = [], set, to, answer, on }: Order): Promise<unknown> {
  const [owner, member] = ownerOf(call ?? set ?? "");
  if (call !== undefined) return (owner[member] as (...each: readonly unknown[]) => unknown).apply(owner, [...args]);
  if (set !== undefined) {
    owner[member] = to;
    return undefined;
  }
  if (on !== undefined) {
    double.override = (request: StoreRequest) => (request.path.includes(on) ? answer : undefined);
    return undefined;
  }
  return double.requests.map(({ method, path, headers, query }) => {
    return { method, path, query, host: headers.host, target: headers["x-amz-target"] };
  });
}

/** The object that has a member, and its name: `entra.tenant`. */
function ownerOf(path: string): readonly [owner: Record<string, unknown>, member: string] {
  const steps = path.split(".");
  const member = steps.pop() ?? "";
  const owner = steps.reduce((each: unknown, step) => (each as Record<string, unknown>)[step], double);
  return [owner as Record<string, unknown>, member];
}
