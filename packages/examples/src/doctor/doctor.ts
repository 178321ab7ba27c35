import { createSecrets, isSecretError } from "@tacit/core";
import { adapters } from "@tacit/providers";
import { declared } from "./declared.ts";
import { toTable } from "./table.ts";

// Reads what the service would read, from the document that TACIT_CONFIG names, and says what an operator should know. It prints
// names and places only, so its output may go to any log. Exits with 1 where something is an error.
const secrets = createSecrets({ adapters, declare: declared });
try {
  await secrets.ready({ timeout: "10s" }).catch(() => undefined); // diagnose says what is missing, and more
  const findings = await secrets.diagnose();
  process.stdout.write(toTable(findings));
  process.exitCode = findings.some(({ level }) => level === "error") ? 1 : 0;
} catch (error) {
  // A document that cannot be read has no findings.
  process.stdout.write(`${isSecretError(error) ? error.message : "the doctor failed"}\n`);
  process.exitCode = 1;
} finally {
  await secrets.close();
}
