import { type ConformanceHarness, openAdapter } from "@tacit/core/conformance";
import type { Adapter, SecretPayload } from "@tacit/core/provider";
import { env } from "../../src/env/index.ts";
import type { EnvOptions } from "../../src/env/options.ts";
import { openEnvProvider } from "../../src/env/provider.ts";

/** Makes an environment of its own for the conformance cases; the one of this process is left alone. */
export async function envHarness(): Promise<ConformanceHarness> {
  const variables: Record<string, string> = {};
  let looks = 0;
  const counted = new Proxy(variables, {
    getOwnPropertyDescriptor(target, name) {
      looks += 1;
      return Reflect.getOwnPropertyDescriptor(target, name);
    },
  });
  const adapter: Adapter<EnvOptions> = { ...env, open: (options, host) => openEnvProvider(options, host, counted) };
  const remove = async (path: string): Promise<void> => {
    for (const name of Object.keys(variables)) if (belongsTo(path, name)) delete variables[name];
  };
  return {
    adapter: adapter as Adapter,
    options: () => ({}),
    open: (o) => openAdapter(adapter as Adapter, { ...o?.options }, o?.host),
    path: (label) => `CONFORMANCE_${label.toUpperCase().replaceAll("-", "_")}`,
    async put(path, payload) {
      await remove(path);
      for (const [name, bytes] of variablesOf(path, payload)) variables[name] = Buffer.from(bytes).toString();
    },
    remove,
    async breakPath(path) {
      const before = { ...variables };
      await remove(path);
      variables[`${path}_FILE`] = "/run/secrets/not-mounted-yet";
      return async () => {
        delete variables[`${path}_FILE`];
        Object.assign(variables, before);
      };
    },
    async corrupt(path) {
      variables[`${path}_FILE`] = "/run/secrets/other";
      return async () => void delete variables[`${path}_FILE`];
    },
    reads: () => looks,
    lacks: ["check", "close"],
    acceptsBytes: (bytes) => isText(bytes) || "an environment variable holds text without NUL",
    acceptsField: (key) => /[a-z]/.test(key) || "a field without small letters is read in small letters",
    async close() {},
  };
}

function belongsTo(path: string, variable: string): boolean {
  return variable === path || variable === `${path}_FILE` || variable.startsWith(`${path}__`);
}

function variablesOf(path: string, payload: SecretPayload): readonly (readonly [string, Uint8Array])[] {
  if (payload.kind === "value") return [[path, payload.bytes]];
  return [...payload.fields].map(([key, bytes]) => [`${path}__${variableCase(key)}`, bytes]);
}

/** As an operator would write it; a key that no portable variable can have is taken exactly. */
function variableCase(key: string): string {
  return /^[a-z0-9_]+$/.test(key) ? key.toUpperCase() : key;
}

function isText(bytes: Uint8Array): boolean {
  return !bytes.includes(0) && Buffer.from(Buffer.from(bytes).toString()).equals(bytes);
}
