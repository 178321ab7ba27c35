import { createHmac, randomBytes } from "node:crypto";
import type {
  Adapter,
  CredentialSource,
  Provider,
  ProviderHost,
  SecretPayload,
  WarnOptions,
} from "../contract/contract.ts";
import { SecretError } from "../error/secret-error.ts";
import { systemClock } from "../time/clock.ts";

/** A provider's host for tests: it records what the provider reports. */
export interface ConformanceHost extends ProviderHost {
  /** Every call of `warn`, in order. */
  readonly warnings: readonly ({ readonly code: string; readonly tip: string } & WarnOptions)[];
  /** Every call of `protect`, in order. */
  readonly protected: readonly { readonly value: string | Uint8Array; readonly name: string }[];
}

/**
 * Makes a host with the system clock, a random key for `contentVersion`, and credentials from `$env` and `$file`.
 * @param members replace those of the host
 */
export function conformanceHost(members: Partial<ProviderHost> = {}): ConformanceHost {
  const warnings: ({ code: string; tip: string } & WarnOptions)[] = [];
  const protectedValues: { value: string | Uint8Array; name: string }[] = [];
  const key = randomBytes(32);
  return {
    name: "conformance",
    clock: systemClock,
    random: Math.random,
    credential: readCredential,
    protect: (value, name) => void protectedValues.push({ value, name }),
    contentVersion: (payload) => keyedVersion(key, payload),
    warn: (code, tip, options) => void warnings.push({ code, tip, ...options }),
    warnings,
    protected: protectedValues,
    ...members,
  };
}

/**
 * Opens an adapter as the client does: the raw options pass its schema first.
 * @throws {SecretError} INVALID_CONFIG with the issues' paths when the schema refuses the options
 */
export async function openAdapter(
  adapter: Adapter,
  options: Readonly<Record<string, unknown>>,
  host: Partial<ProviderHost> = {},
): Promise<Provider> {
  return adapter.open(await parseOptions(adapter, options), conformanceHost(host));
}

/**
 * Passes raw options through an adapter's schema.
 * @throws {SecretError} INVALID_CONFIG with the issues' paths when the schema refuses them
 */
export async function parseOptions(adapter: Adapter, options: Readonly<Record<string, unknown>>): Promise<unknown> {
  const schema = await adapter.options();
  const result = await schema["~standard"].validate(options);
  if (result.issues === undefined) return result.value;
  const paths = result.issues.map(({ path = [] }) =>
    path.map((part) => String(typeof part === "object" ? part.key : part)).join("."),
  );
  throw new SecretError(
    "INVALID_CONFIG",
    `${adapter.name} refuses these options, at: ${paths.join(", ") || "the top"}`,
  );
}

/** Hashes each part after its length, so that two different payloads never have the same input. */
function keyedVersion(key: Uint8Array, payload: SecretPayload): string {
  const hmac = createHmac("sha256", key);
  const add = (bytes: Uint8Array): void => void hmac.update(`${bytes.byteLength}:`).update(bytes);
  add(Buffer.from(payload.kind));
  const fields = payload.kind === "value" ? [["", payload.bytes] as const] : [...payload.fields].sort(byKey);
  for (const [name, bytes] of fields) {
    add(Buffer.from(name));
    add(bytes);
  }
  return hmac.digest("base64url");
}

function byKey([left]: readonly [string, Uint8Array], [right]: readonly [string, Uint8Array]): number {
  return left < right ? -1 : 1;
}

async function readCredential(source: CredentialSource): Promise<Uint8Array> {
  if ("$env" in source) return Buffer.from(process.env[source.$env] ?? "");
  if ("$file" in source) return (await import("node:fs/promises")).readFile(source.$file);
  throw new SecretError("UNSUPPORTED", "the conformance host reads credentials from $env and $file only");
}
