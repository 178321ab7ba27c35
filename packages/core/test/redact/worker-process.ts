import { isMainThread, Worker, workerData } from "node:worker_threads";
import { installProcessGuards } from "../../src/redact/bindings/process-guards.ts";
import { createRedactor } from "../../src/redact/redactor.ts";

// Starts itself as a worker that fails in the way that its argument names, behind guards, and tells what its parent hears.

const value = ["s3cret", "fixture", "4f9a1c"].join("-");

const failures: Readonly<Record<string, () => unknown>> = {
  error() {
    throw new RangeError(`no entry with ${value}`, { cause: new Error(value) });
  },
  string() {
    throw value;
  },
  rejection: () => void Promise.reject(new Error(value)),
  "exit code"() {
    process.on("exit", () => {
      process.exitCode = 5;
    });
    throw new Error(value);
  },
  handled() {
    process.on("uncaughtException", () => undefined);
    setImmediate(() => {
      throw new Error(value);
    });
  },
};

if (isMainThread) {
  const [, , how, name] = process.argv;
  const worker = new Worker(new URL(import.meta.url), { workerData: { how, name } });
  worker.on("error", (error) => {
    const { cause } = error as Error;
    const kind = error instanceof RangeError ? "RangeError" : error instanceof Error ? "Error" : typeof error;
    process.stdout.write(`${kind} ${error} ${cause instanceof Error ? cause.message : ""}\n`);
  });
  worker.on("exit", (code) => process.stdout.write(`exit ${code}\n`));
} else {
  const { how, name } = workerData as { how: string; name: string };
  if (how === "guarded") {
    const redactor = createRedactor();
    redactor.register(value, { name: "db" });
    installProcessGuards({ redactor });
  }
  failures[name]?.();
}
