import type { Domain } from "node:domain";

// Ends in the way that its arguments name. The value is put together here, so that no source line that Node prints holds it.

const value = ["s3cret", "fixture", "4f9a1c"].join("-");

class StoreError extends TypeError {
  override readonly name = "StoreError";
  readonly token = value;
}

const errors: Readonly<Record<string, () => unknown>> = {
  Error: () => new Error(`no entry with ${value}`),
  StoreError: () => new StoreError("refused"),
  string: () => `no entry with ${value}`,
  object: () => ({ token: value }),
  undefined: () => undefined,
  symbol: () => Symbol(value),
  cause: () => new Error("no entry", { cause: new Error(`with ${value}`, { cause: value }) }),
  AggregateError: () => new AggregateError([new Error(value), value], `all of ${value}`),
  hostile,
  "badly inspected": () => ({
    [Symbol.for("nodejs.util.inspect.custom")]() {
      throw new Error(value);
    },
  }),
  unreadable: () =>
    Object.defineProperty(new Error(value), "stack", {
      get() {
        throw new Error(value);
      },
    }),
};

/** Whatever is asked of it. */
function hostile(): unknown {
  const fail = (): never => {
    throw new Error(value);
  };
  return new Proxy({ value }, { get: fail, getPrototypeOf: fail, ownKeys: fail, has: fail });
}

const circumstances: Readonly<Record<string, () => void>> = {
  "exit listeners": () => {
    process.on("exit", (code) => process.stdout.write(`first ${code} ${value}\n`));
    process.on("exit", () => process.stdout.write(`second ${process.exitCode}\n`));
    throw new Error(value);
  },
  "an exit listener that sets the code": () => {
    process.on("exit", () => {
      process.exitCode = 5;
    });
    throw new Error(value);
  },
  "an exit listener that throws": () => {
    process.on("exit", () => {
      throw new Error(value);
    });
    throw new Error(value);
  },
  "an exit listener that exits": () => {
    process.on("exit", () => process.exit(3));
    throw new Error(value);
  },
  "an exit with a listener that throws": () => {
    process.on("exit", () => {
      throw new Error(value);
    });
    process.exit(4);
  },
  "an end with a listener that throws": () => {
    process.on("exit", () => {
      throw new Error(value);
    });
  },
  "an exit code set before": () => {
    process.exitCode = 9;
    throw new Error(value);
  },
  "a later tick": () => setImmediate(() => queueMicrotask(throwing)),
  "a listener": () => {
    process.on("uncaughtException", (error, origin) => process.stdout.write(`${origin}: ${error.message}\n`));
    setImmediate(throwing);
  },
  "a listener for one error only": () => {
    process.once("uncaughtException", (error) => process.stdout.write(`${error.message}\n`));
    setImmediate(throwing);
    setImmediate(throwing);
  },
  "a listener that throws": () => {
    process.on("uncaughtException", throwing);
    throw new Error(value);
  },
  "a listener to rejections": () => {
    process.on("unhandledRejection", (error) => process.stdout.write(`${error}\n`));
    void Promise.reject(new Error(value));
  },
  "a capture callback": () => {
    process.setUncaughtExceptionCaptureCallback((error) => process.stdout.write(`${error.message}\n`));
    setImmediate(throwing);
  },
  "a domain": () => {
    const domain = createDomain();
    domain.on("error", (error) => process.stdout.write(`${error.message}\n`));
    domain.run(() => setImmediate(throwing));
  },
  "a domain without a listener": () => createDomain().run(() => setImmediate(throwing)),
  "a later monitor": () => {
    process.on("uncaughtExceptionMonitor", (error, origin) => process.stdout.write(`${origin}: ${error.message}\n`));
    throw new Error(value);
  },
  "a later monitor that puts up a listener": () => {
    process.on("uncaughtExceptionMonitor", () => {
      process.once("uncaughtException", (error) => process.stdout.write(`${error.message}\n`));
    });
    setImmediate(throwing);
  },
  "much output": () => {
    process.stdout.write(`${"x".repeat(100_000)}\n`);
    throw new Error(`${"y".repeat(200_000)} ${value}`);
  },
  "a report": () => {
    process.report.filename = "stderr";
    process.report.reportOnUncaughtException = true;
    throw new Error(value);
  },
};

/** Loaded by nobody else: it changes how Node treats errors. */
function createDomain(): Domain {
  return process.getBuiltinModule("node:domain").create();
}

function throwing(): void {
  throw new Error(value);
}

const [, , kind = "", name = ""] = process.argv;
if (kind === "rejected") void Promise.reject(errors[name]?.());
else if (kind === "thrown") throw errors[name]?.();
else circumstances[name]?.();
