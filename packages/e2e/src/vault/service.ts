import { createSecrets, type Declarations, type Declared, type SecretEvent, type StrictSecrets } from "@tacit/core";
import { adapters } from "@tacit/providers";
import type { VaultServer } from "./vault-server.ts";

/** What a service says about its Vault. */
export interface ServiceOptions<D extends Declarations> {
  readonly declare: Declared<D>;
  /** Options of the provider, beside its URL; `auth` is among them. */
  readonly provider: Readonly<Record<string, unknown>>;
  /** name -> path; other names are looked up where the provider's options say. */
  readonly paths?: Readonly<Record<string, string>>;
}

/** A client as a service has it, and what it has reported. */
export interface Service<D extends Declarations> extends AsyncDisposable {
  readonly secrets: StrictSecrets<D>;
  /** In order, without the reads. */
  readonly events: readonly SecretEvent[];
  count(type: SecretEvent["type"]): number;
}

const heard = ["change", "lease-renewed", "lease-not-renewed", "lease-lost", "lease-not-revoked", "error"] as const;

/** Starts one; resolves when it is ready. Disposing it closes the client. */
export async function startService<D extends Declarations>(
  { url }: VaultServer,
  { declare, provider, paths = {} }: ServiceOptions<D>,
): Promise<Service<D>> {
  const bindings = Object.fromEntries(
    Object.entries(paths).map(([name, path]) => [name, { provider: "vault", path }] as const),
  );
  const config = {
    providers: { vault: { use: "vault", url, application: "e2e", ...provider } },
    routes: [{ match: "**", to: ["vault"] }],
    bindings,
  };
  const secrets = createSecrets({ adapters, declare, config });
  const events: SecretEvent[] = [];
  for (const type of heard) secrets.events.on(type, (event) => events.push(event));
  const close = (): Promise<void> => secrets.close();
  await secrets.ready().catch(async (error: unknown) => {
    await close();
    throw error;
  });
  return {
    secrets,
    events,
    count: (type) => events.filter((event) => event.type === type).length,
    [Symbol.asyncDispose]: close,
  };
}
