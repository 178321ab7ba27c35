import {
  type CallContext,
  isSecretError,
  type ProviderResult,
  type ReadRequest,
  SecretError,
} from "@tacit/core/provider";

/** What became of one path. */
export type Member = ProviderResult | SecretError;

/** How an adapter reads several paths. */
export interface BatchReader {
  /** @throws {SecretError} INVALID_NAME for a path that the store cannot hold */
  check(path: string): void;
  /** One call for all of them; undefined where the store refuses to answer it for some of them. */
  together(requests: readonly ReadRequest[], context: CallContext): Promise<ReadonlyMap<string, Member> | undefined>;
  /** One call for one path. */
  alone(request: ReadRequest, context: CallContext): Promise<ProviderResult>;
}

/** Reads several paths in one call, and singly where the store refuses that; answers in the order of the requests. @throws {SecretError} where none can be read */
export async function readTogether(
  requests: readonly ReadRequest[],
  reader: BatchReader,
  context: CallContext,
): Promise<readonly Member[]> {
  const members = requests.map((request) => checked(request, reader));
  const asked = members.filter((member): member is ReadRequest => !isSecretError(member));
  const together = asked.length === 0 ? new Map<string, Member>() : await reader.together(asked, context);
  const found = together ?? (await singly(asked, reader, context));
  return members.map((member) => (isSecretError(member) ? member : (found.get(member.path) ?? leftOut())));
}

/** Reads paths one by one, four at a time. @throws {SecretError} where none can be read */
export async function singly(
  requests: readonly ReadRequest[],
  reader: Pick<BatchReader, "alone">,
  context: CallContext,
): Promise<ReadonlyMap<string, Member>> {
  return new Map(
    await fourAtATime(requests, async (request) => {
      return [request.path, await memberOf(() => reader.alone(request, context))] as const;
    }),
  );
}

/**
 * Calls a store for each item, four at a time, as they share one slot of the client; the results are in the order of the items.
 * @throws what the first call that fails throws; none is begun after it
 */
export async function fourAtATime<T, R>(items: readonly T[], call: (item: T) => Promise<R>): Promise<readonly R[]> {
  const results: R[] = [];
  const left = [...items.entries()];
  const worker = async (): Promise<void> => {
    try {
      for (let next = left.shift(); next !== undefined; next = left.shift()) results[next[0]] = await call(next[1]);
    } catch (error) {
      left.length = 0;
      throw error;
    }
  };
  await Promise.all(Array.from({ length: 4 }, worker));
  return results;
}

/** Returns what reading one of several answers, or the failure of it alone. @throws what concerns the others, too */
export async function memberOf(read: () => Promise<ProviderResult> | ProviderResult): Promise<Member> {
  try {
    return await read();
  } catch (error) {
    if (!isSecretError(error) || concernsAll.has(error.code)) throw error;
    return error;
  }
}

function checked(request: ReadRequest, reader: BatchReader): ReadRequest | SecretError {
  try {
    reader.check(request.path);
    return request;
  } catch (error) {
    if (isSecretError(error)) return error;
    throw error;
  }
}

const concernsAll: ReadonlySet<string> = new Set(["UNAUTHENTICATED", "UNAVAILABLE", "THROTTLED", "CLOSED"]);

/** That an answer for several has neither a value nor a failure for one of them. */
export function leftOut(): SecretError {
  return new SecretError("INTERNAL", "the response for several secrets does not mention one of them", {
    reason: "malformed-answer",
    tip: "Check that the address leads to the store, and check any proxy in front of it.",
  });
}
