import { createSecrets, declareSecrets } from "@tacit/core";
import { installProcessGuards } from "@tacit/core/redact";
import { adapters } from "@tacit/providers";

// before any code keeps a reference to an output, so before a logger is created
installProcessGuards();

const declare = declareSecrets({ payments: { ref: "payments/token" } });
const secrets = createSecrets({ adapters, declare });
await secrets.ready();
const token = secrets.latest("payments").reveal();
process.stdout.write(`paying with ${token}\n`);
throw new Error("refused", { cause: { authorization: `Bearer ${token}` } });
