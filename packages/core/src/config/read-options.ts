import type { Adapter } from "../contract/contract.ts";
import type { AnyKeyRing } from "../contract/key-ring.ts";
import { SecretError } from "../error/secret-error.ts";
import type { ProviderConfig } from "../provider/provider-config.ts";
import type { SnapshotConfig } from "./parsed-config.ts";
import { resolveOptions, validateOptions } from "./provider-options.ts";

/** Resolves and validates the options of one provider. @throws {SecretError} INVALID_CONFIG with all problems */
export async function readOptions(
  adapter: Adapter,
  { name, options, document }: ProviderConfig,
  env: Readonly<Record<string, string | undefined>>,
): Promise<unknown> {
  const resolved = await resolveOptions(options, adapter.credentials ?? [], { env, provider: name, document });
  return await validateOptions(adapter, resolved, { provider: name, document });
}

/** Resolves and validates the keys of the snapshot. @throws {SecretError} INVALID_CONFIG with all problems */
export async function readKeys(
  ring: AnyKeyRing,
  { keys, document }: SnapshotConfig,
  env: Readonly<Record<string, string | undefined>>,
): Promise<unknown> {
  const place = { provider: "snapshot", document, at: ["snapshot"] };
  const resolved = await resolveOptions({ keys }, ring.credentials, { env, ...place });
  if (JSON.stringify(resolved).includes('{"$secret":')) throw keyInStore();
  return await validateOptions<unknown>(ring, resolved, place);
}

function keyInStore(): SecretError {
  return new SecretError(
    "INVALID_CONFIG",
    "`snapshot.keys`: `$secret` cannot be used here, because it reads from a store",
    {
      reason: "secret-source",
      tip: "Use `$file` or `$env`: the snapshot is opened when stores do not answer.",
    },
  );
}
