import { createRedactor } from "../../src/redact/redactor.ts";

// Writes the beginning of a value, or all of it, without a line end, and exits at once.

const value = "s3cret-fixture-4f9a1c";
const redactor = createRedactor();
redactor.register(value, { name: "db" });
const [, , kind = "writable", part = value.length] = process.argv;
const text = `connecting with ${value.slice(0, Number(part))}`;
if (kind === "writable") redactor.writable(process.stdout).write(text);
else {
  const stream = redactor.transform();
  stream.on("data", (chunk: Buffer) => process.stdout.write(chunk));
  stream.write(text);
}
setImmediate(() => process.exit(3));
