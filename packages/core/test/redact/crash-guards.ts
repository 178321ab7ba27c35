import { flushCompileCache } from "node:module";
import { installProcessGuards } from "../../src/redact/bindings/process-guards.ts";
import { createRedactor } from "../../src/redact/redactor.ts";

// Preloaded by a process that is to crash behind guards.

const redactor = createRedactor();
redactor.register(["s3cret", "fixture", "4f9a1c"].join("-"), { name: "db" });
installProcessGuards({ redactor });

// A process that crashes saves nothing of this by itself, and the next one would compile all sources again.
flushCompileCache();
