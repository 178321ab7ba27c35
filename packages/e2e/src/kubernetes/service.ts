import { createSecrets, declareSecrets, type Finding, type Health, object, type SecretWatch } from "@tacit/core";
import { adapters } from "@tacit/providers";
import type { Pair } from "../mounted/pair.ts";
import { createRotationLog, type RotationLog } from "../rotation/rotation-log.ts";
import type { Reader } from "./reader.ts";

/** A service that reads the Secret `db` from the API server, as a user writes it. */
export interface Service extends AsyncDisposable {
  readonly watch: SecretWatch<Pair>;
  /** What its watch has told, but for the first value. */
  readonly rotations: RotationLog;
  health(): Health;
  diagnose(): Promise<readonly Finding[]>;
}

/**
 * Starts one; resolves when it is ready. Disposing it closes the client.
 * @param options of the provider, beside the kubeconfig
 */
export async function startService(
  { kubeconfig }: Pick<Reader, "kubeconfig">,
  options: Readonly<Record<string, unknown>> = {},
): Promise<Service> {
  const declared = declareSecrets({ db: { ref: "db", as: object(["username", "password"]) } });
  const config = {
    providers: { cluster: { use: "kubernetes", kubeconfig, application: "e2e", ...options } },
    routes: [{ match: "**", to: ["cluster"] }],
  };
  const secrets = createSecrets({ adapters, declare: declared, config });
  const close = (): Promise<void> => secrets.close();
  await secrets.ready().catch(async (error: unknown) => {
    await close();
    throw error;
  });
  const watch = secrets.watch("db");
  return {
    watch,
    rotations: createRotationLog(watch),
    health: () => secrets.health(),
    diagnose: () => secrets.diagnose(),
    [Symbol.asyncDispose]: close,
  };
}
