import { createRedactor } from "../redactor.ts";
import { installProcessGuards } from "./process-guards.ts";

// Tells the warnings of guards that are installed twice.

const value = ["s3cret", "fixture", "4f9a1c"].join("-");
const redactor = createRedactor();
redactor.register(value, { name: "db" });
process.on("warning", (warning) => {
  process.stdout.write(`${Reflect.get(warning, "code")}: ${warning.message}\n`);
});
installProcessGuards({ redactor });
installProcessGuards({ redactor });
