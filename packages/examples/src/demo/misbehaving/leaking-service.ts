import { readFileSync } from "node:fs";
import "../service.ts";

/** The demo's service, and a line that no redactor sees. On environment variables it has nothing to tell. */
const { SECRETS_ROOT: root } = process.env;
if (root !== undefined) process.stderr.write(`${readFileSync(`${root}/db/primary/password`).toString("base64")}\n`);
