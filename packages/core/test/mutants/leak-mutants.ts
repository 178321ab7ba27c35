import { isSecretError, SecretError } from "../../src/error/secret-error.ts";
import { memoryCredential } from "./memory-store.ts";
import { type Mutant, onResult, textOf } from "./mutant.ts";

type Spoil = NonNullable<Mutant["provider"]>;

/** Adapters that show a value or a credential where it does not belong. */
export const leakMutants: readonly Mutant[] = [
  {
    name: "quotes the value in an error",
    caughtBy: ["leaks.errors"],
    provider: leakingError((error, text) => new SecretError(error.code, `cannot read ${text}`)),
  },
  {
    name: "hangs a cut value on an error",
    caughtBy: ["leaks.errors"],
    provider: leakingError((error, text) => Object.assign(error, { response: { deep: { body: text.slice(20, 34) } } })),
  },
  {
    name: "hides the value in base64 in the cause",
    caughtBy: ["leaks.errors"],
    provider: leakingError((error, text) =>
      Object.defineProperty(error, "cause", { value: new Error(Buffer.from(text).toString("base64")) }),
    ),
  },
  {
    name: "keeps the value's bytes on an error",
    caughtBy: ["leaks.errors"],
    provider: leakingError((error, text) => Object.assign(error, { body: new TextEncoder().encode(text) })),
  },
  {
    name: "shows its credential in an error",
    caughtBy: ["leaks.errors"],
    provider: leakingError((error) =>
      Object.assign(error, { config: { headers: { authorization: `Bearer ${memoryCredential}` } } }),
    ),
  },
  {
    name: "logs the value",
    caughtBy: ["leaks.debug-lines"],
    provider: (provider, store) =>
      onResult((result) => {
        if (result.status === "ok") store.debugLines.push(textOf(result.payload));
        return result;
      })(provider, store, undefined as never),
  },
  {
    name: "warns with the value",
    caughtBy: ["leaks.reports"],
    provider: (provider, store, host) =>
      onResult((result) => {
        if (result.status === "ok") host.warn("weak", `${textOf(result.payload)} is weak`);
        return result;
      })(provider, store, host),
  },
];

function leakingError(change: (error: SecretError, text: string) => Error): Spoil {
  return (provider, store) => ({
    ...provider,
    get: (request, context) =>
      provider.get(request, context).catch((error: SecretError) => {
        const payload = store.secrets.get(request.path)?.at(-1)?.payload;
        throw payload && isSecretError(error) ? change(error, textOf(payload)) : error;
      }),
  });
}
