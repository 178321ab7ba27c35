import type { CallContext, Provider, ProviderResult, ReadRequest } from "../../src/contract/contract.ts";
import { SecretError } from "../../src/error/secret-error.ts";
import type { MemoryStore } from "./memory-store.ts";
import { type Mutant, mapBytes, textOf } from "./mutant.ts";

type Answers = readonly (ProviderResult | SecretError)[];

/** Adapters that read several paths in one call, and get it wrong. */
export const batchMutants: readonly Mutant[] = [
  {
    name: "answers in the order of the store",
    caughtBy: ["batch.answers"],
    provider: onAnswers((answers) => [...answers].reverse()),
  },
  { name: "leaves out what is missing", caughtBy: ["batch.missing"], provider: onAnswers(withoutMissing) },
  {
    name: "says that a missing one may be denied",
    caughtBy: ["batch.missing"],
    provider: onEach((answer) =>
      "status" in answer && answer.status === "not-found" ? { status: "not-found", definitive: false } : answer,
    ),
  },
  { name: "declares what it cannot do", caughtBy: ["batch.answers"], provider: ({ getMany: _, ...rest }) => rest },
  { name: "reads one after the other", caughtBy: ["batch.calls"], provider: readingSingly },
  { name: "answers the bytes of its buffer", caughtBy: ["batch.bytes"], provider: onEach(pooled) },
  {
    name: "ignores conditions",
    caughtBy: ["batch.not-modified"],
    provider: onRequests((requests) => requests.map(({ path, version }) => ({ path, version }))),
  },
  {
    name: "fails with the first that fails",
    caughtBy: ["batch.denied", "batch.broken-path", "batch.corrupt", "batch.name"],
    provider: onAnswers((answers) => {
      const failed = answers.find((answer) => answer instanceof SecretError);
      if (failed !== undefined) throw failed;
      return answers;
    }),
  },
  {
    name: "takes what is broken for a broken store",
    caughtBy: ["batch.broken-path"],
    provider: onEach((answer) =>
      answer instanceof SecretError && answer.scope === "path" ? new SecretError(answer.code, "it is down") : answer,
    ),
  },
  { name: "quotes the value", caughtBy: ["batch.corrupt"], provider: quoting },
  {
    name: "tells each of a failure of the store",
    caughtBy: ["batch.severed", "batch.throttled", "batch.login-refused", "batch.after-close", "batch.abort"],
    provider: failingSingly,
  },
  {
    name: "forgets how long to wait",
    caughtBy: ["batch.throttled"],
    provider: onFailure(({ code }) => new SecretError(code, "the store is busy")),
  },
];

function onAnswers(change: (answers: Answers) => Answers): NonNullable<Mutant["provider"]> {
  return (provider) => ({
    ...provider,
    getMany: async (requests, context) => change(await ask(provider, requests, context)),
  });
}

function onEach(change: (answer: ProviderResult | SecretError) => ProviderResult | SecretError) {
  return onAnswers((answers) => answers.map((answer) => change(answer)));
}

function onRequests(
  change: (requests: readonly ReadRequest[]) => readonly ReadRequest[],
): NonNullable<Mutant["provider"]> {
  return (provider) => ({ ...provider, getMany: (requests, context) => ask(provider, change(requests), context) });
}

function onFailure(change: (error: SecretError) => SecretError): NonNullable<Mutant["provider"]> {
  return (provider) => ({
    ...provider,
    getMany: (requests, context) =>
      ask(provider, requests, context).catch((error: SecretError) => Promise.reject(change(error))),
  });
}

function withoutMissing(answers: Answers): Answers {
  return answers.filter((answer) => answer instanceof SecretError || answer.status !== "not-found");
}

function readingSingly(provider: Provider): Provider {
  return {
    ...provider,
    getMany: (requests, context) =>
      Promise.all(requests.map((request) => provider.get(request, context).catch((error: SecretError) => error))),
  };
}

function pooled(answer: ProviderResult | SecretError): ProviderResult | SecretError {
  if (answer instanceof SecretError || answer.status !== "ok") return answer;
  const inPool = (bytes: Uint8Array): Uint8Array => {
    const pool = new Uint8Array(bytes.byteLength + 8);
    pool.set(bytes, 4);
    return pool.subarray(4, 4 + bytes.byteLength);
  };
  return { ...answer, payload: mapBytes(answer.payload, inPool) };
}

function quoting(provider: Provider, store: MemoryStore): Provider {
  return {
    ...provider,
    getMany: async (requests, context) => {
      const answers = await ask(provider, requests, context);
      return answers.map((answer, index) => {
        const held = store.secrets.get(requests[index]?.path ?? "")?.at(-1)?.payload;
        if (!(answer instanceof SecretError) || held === undefined) return answer;
        return new SecretError(answer.code, `what lies there is no secret: ${textOf(held)}`);
      });
    },
  };
}

function failingSingly(provider: Provider): Provider {
  return {
    ...provider,
    getMany: (requests, context) =>
      ask(provider, requests, context).catch((error: SecretError) => requests.map(() => error)),
  };
}

function ask(provider: Provider, requests: readonly ReadRequest[], context: CallContext): Promise<Answers> {
  return provider.getMany?.(requests, context) ?? Promise.reject(new Error("it reads one path at a time"));
}
