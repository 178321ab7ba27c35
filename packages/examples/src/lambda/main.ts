import { createSecrets } from "@tacit/core";
import { adapters } from "@tacit/providers";
import { createHandler, declared } from "./handler.ts";

const secrets = createSecrets({ adapters, declare: declared }); // the config document is the file in TACIT_CONFIG
secrets.ready().catch(() => undefined); // begins before the first call, which reports a failure
export const handler = createHandler(secrets);
