import { installProcessGuards } from "../../src/redact/bindings/process-guards.ts";
import { createRedactor } from "../../src/redact/redactor.ts";

// Tells the warnings of guards that are installed twice.

const value = ["s3cret", "fixture", "4f9a1c"].join("-");
const redactor = createRedactor();
redactor.register(value, { name: "db" });
process.on("warning", (warning) => {
  process.stdout.write(`${Reflect.get(warning, "code")}: ${warning.message}\n`);
});
installProcessGuards({ redactor });
installProcessGuards({ redactor });
