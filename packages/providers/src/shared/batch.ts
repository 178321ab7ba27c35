import {
  type CallContext,
  isSecretError,
  type ProviderResult,
  type ReadRequest,
  SecretError,
} from "@tacit/core/provider";

/** The result or the failure of one path. */
export type Member = ProviderResult | SecretError;

/** The steps by which an adapter reads several paths. */
export interface BatchReader {
  /** @throws {SecretError} INVALID_NAME for a path that the store cannot hold */
  check(path: string): void;
  /** Reads all paths with one call; returns undefined if the store refuses the whole call because of some of them. */
  together(requests: readonly ReadRequest[], context: CallContext): Promise<ReadonlyMap<string, Member> | undefined>;
  /** Reads one path with one call. */
  alone(request: ReadRequest, context: CallContext): Promise<ProviderResult>;
}

/** Reads several paths with one call, or one by one if the store refuses that. The results are in the order of the requests. @throws {SecretError} a failure that concerns all paths */
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

/** Reads each path with its own call, four at a time. @throws {SecretError} a failure that concerns all paths */
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
 * Calls a store for each item, four at a time, since the client counts them as one read. The results are in the order of the items.
 * @throws the error of the first call that fails; no call starts after it
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

/** Returns the result of reading one of several paths, or the error if it concerns only this path. @throws an error that concerns all paths */
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

/** Returns the error of a path that the response for several paths does not mention. */
export function leftOut(): SecretError {
  return new SecretError("INTERNAL", "the response for several secrets does not mention one of them", {
    reason: "malformed-answer",
    tip: "Check that the address leads to the store, and check any proxy in front of it.",
  });
}
