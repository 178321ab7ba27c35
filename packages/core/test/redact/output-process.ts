import { spawnSync } from "node:child_process";
import console, { Console } from "node:console";
import { writeSync } from "node:fs";
import { Readable, Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { Worker } from "node:worker_threads";
import { installProcessGuards } from "../../src/redact/bindings/process-guards.ts";
import { createRedactor } from "../../src/redact/redactor.ts";

// Prints a value in the ways that its other arguments name; behind guards if the first one is "guarded".

const [, , how, ...chosen] = process.argv;
const value = ["s3cret", "fixture", "4f9a1c"].join("-");
const { log: savedLog } = console;
const { stdout, stderr } = process;

const ways: Readonly<Record<string, () => unknown>> = {
  console() {
    savedLog("saved", value);
    console.log("%s %o %j", value, { value }, [value]);
    console.info(new Error(value).message);
    console.dir({ value });
    console.table([{ value }]);
    console.group(value);
    console.debug("inside");
    console.groupEnd();
    console.error(value);
    console.warn({ value });
    console.assert(false, value);
    console.count(value);
    console.trace(value);
  },
  warning() {
    process.emitWarning(value, { code: "APP" });
  },
  text() {
    stdout.write(`utf8 ${value}\n`);
    stdout.write(`latin1 é ${value}\n`, "latin1");
    stderr.write(`ucs2 ${value}\n`, "utf16le");
    stdout.write(Buffer.from(`hex ${value}\n`).toString("hex"), "hex");
    stdout.write(Buffer.from(`base64 ${value}\n`).toString("base64"), "base64");
    stdout.write(`{"token":"${value}","text":"\\n"}\n`);
  },
  bytes() {
    stdout.write(Buffer.from(`text ${value} ☃\n`));
    stdout.write(new Uint8Array(Buffer.from(`view ${value}\n`)));
    // Node takes any view, its types do not say so
    Reflect.apply(stdout.write, stdout, [new DataView(new Uint8Array(Buffer.from(`data ${value}\n`)).buffer)]);
    stdout.write(Buffer.concat([Buffer.from([0xff, 0xfe, 0x00]), Buffer.from(`binary ${value}`), Buffer.from([0xc3])]));
  },
  "clean bytes"() {
    const every = Buffer.from(Array.from({ length: 4096 }, (_, index) => (index * 31 + (index >> 8)) % 256));
    stdout.write(every);
    for (const byte of Buffer.from("snow ☃ and 𝄞\n")) stdout.write(Buffer.from([byte]));
  },
  corked() {
    stdout.cork();
    stdout.write(`one ${value}\n`);
    stdout.write(`two ${value}\n`);
    stdout.uncork();
  },
  async callbacks() {
    for (const stream of [stdout, stderr]) {
      await new Promise<void>((resolve) => stream.write(`${value}\n`, () => resolve()));
      await new Promise<void>((resolve) => stream.write(`${value}\n`, "utf8", () => resolve()));
      await new Promise<void>((resolve) => stream.write(Buffer.from(`${value}\n`), () => resolve()));
    }
    stdout.write("done\n");
  },
  pipeline: () => pipeline(Readable.from([`piped ${value}\n`, Buffer.from(`and ${value}\n`)]), stdout),
  end: () => stdout.end(`last ${value}\n`),
  "not writable"() {
    for (const chunk of [null, undefined, 5, {}]) {
      try {
        Reflect.apply(stdout.write, stdout, [chunk]);
      } catch (error) {
        stdout.write(`${(error as Error).message}\n`);
      }
    }
  },
  "many lines and an exit"() {
    for (let line = 0; line < 300; line++) stdout.write(`${line} ${value} ${"x".repeat(80)}\n`);
    process.exit(3);
  },
  "a line without an end"() {
    stdout.write(`prompt for ${value}> `);
    process.exit(0);
  },
  worker: () =>
    startWorker(`
      console.log("logs", workerData);
      process.stdout.write("writes " + workerData + "\\n");
      console.error("errs", workerData);`),
  "a worker that fails": () => startWorker("throw new Error(workerData)"),
  "raw debug output": () => Reflect.apply(Reflect.get(process, "_rawDebug"), process, [value]),
  "a child's own output": () => spawnSync(process.execPath, ["--print", JSON.stringify(value)], { stdio: "inherit" }),
  "a worker's direct write": () => startWorker('require("node:fs").writeSync(1, workerData)'),
  async pino() {
    const { pino } = await import("pino");
    pino({ base: null, timestamp: false }).info({ value }, "made behind the guards");
  },
  async "pino on a descriptor"() {
    const { pino } = await import("pino");
    pino({}, pino.destination({ dest: 1, sync: true })).info({ value });
  },
  "a direct write": () => writeSync(1, `${value}\n`),
  "an own console": () => new Console(new Sink()).log(value),
  "a callback that exits"() {
    stdout.write(`last: ${value.slice(0, 4)}`);
    stdout.write(`; ${value}`, () => process.exit(4));
  },
  "a split that is written at the exit"() {
    process.on("exit", () => stdout.write(`${value}; s3`));
    process.on("exit", () => stdout.write("cre"));
  },
  "a split of bytes"() {
    for (const byte of Buffer.from(`${value}\n`)) stdout.write(Buffer.from([byte]));
  },
  "a split"() {
    stdout.write(value.slice(0, 9));
    stdout.write(`${value.slice(9)}\n`);
  },
};

/** A stream of its own on the output. */
class Sink extends Writable {
  override _write(chunk: Uint8Array, _encoding: BufferEncoding, done: () => void): void {
    writeSync(1, chunk);
    done();
  }
}

function startWorker(body: string): Promise<void> {
  const code = `const { workerData } = require("node:worker_threads"); ${body}`;
  const worker = new Worker(code, { eval: true, workerData: value, execArgv: [] });
  return new Promise((resolve) => worker.once("exit", () => resolve()));
}

if (how === "guarded") {
  const redactor = createRedactor();
  redactor.register(value, { name: "db" });
  installProcessGuards({ redactor });
}
for (const way of chosen) await ways[way]?.();
