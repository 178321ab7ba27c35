// Loads the ES modules and the CommonJS build into one process, as an application and its framework may.
import { createRequire } from "node:module";
import * as core from "@tacit/core";
import { defaultRedactor } from "@tacit/core/redact";
import { adapters } from "@tacit/providers";

const require = createRequire(import.meta.url);
const common = {
  core: require("@tacit/core"),
  redact: require("@tacit/core/redact"),
  providers: require("@tacit/providers"),
};
const config = { providers: { env: { use: "env" } }, routes: [{ match: "**", to: ["env"] }] };
process.env.DB_PRIMARY__PASSWORD = "s3cret-fixture";

/** Declares with one build, reads with the other and with the adapters of the first. */
async function cross(declaring, reading, adapters) {
  const declare = declaring.declareSecrets({ db: { ref: "db/primary", as: declaring.object(["password"]) } });
  const secrets = reading.createSecrets({ adapters, declare, config });
  await secrets.ready();
  const secret = secrets.latest("db");
  const { password } = secret.reveal();
  await secrets.close();
  const error = await secrets.getSecret("db").catch((thrown) => thrown);
  return {
    password: password.length,
    printed: String(secret),
    recognized: declaring.isSecretError(error, "CLOSED"),
    masked: [defaultRedactor, common.redact.defaultRedactor].map((redactor) => redactor.redact(password)),
  };
}

const results = [
  await cross(core, common.core, common.providers.adapters),
  await cross(common.core, core, adapters),
  await cross(core, common.core, adapters),
];
process.stdout.write(JSON.stringify({ builds: core.createSecrets === common.core.createSecrets ? 1 : 2, results }));
