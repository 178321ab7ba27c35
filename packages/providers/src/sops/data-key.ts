import { type CallContext, isSecretError } from "@tacit/core/provider";
import { sealedError, tamperedError } from "../shared/keys/errors.ts";
import type { Keys } from "../shared/keys/open-keys.ts";
import type { SopsMetadata } from "./metadata.ts";
import { joinShares } from "./shamir.ts";

/**
 * Returns the data key of a file: what one group of keys opens, or what the shares of several groups are joined to.
 * @throws {SecretError} as `Keys.unwrap` does; INVALID_VALUE `no-key` where too few groups open, `tampered`
 */
export async function dataKeyOf(
  { groups, threshold }: SopsMetadata,
  keys: Keys,
  context: CallContext,
): Promise<Uint8Array> {
  const [first = []] = groups;
  const dataKey =
    groups.length === 1 ? await keys.unwrap(first, context) : await joined(groups, threshold, keys, context);
  if (dataKey?.length !== 32) throw tamperedError("has a malformed data key");
  return dataKey;
}

async function joined(
  groups: SopsMetadata["groups"],
  threshold: number,
  keys: Keys,
  context: CallContext,
): Promise<Uint8Array | undefined> {
  const shares: Uint8Array[] = [];
  const failures: unknown[] = [];
  for (const group of groups) {
    if (shares.length === threshold) break;
    try {
      shares.push(await keys.unwrap(group, context));
    } catch (error) {
      context.signal.throwIfAborted();
      failures.push(error);
    }
  }
  // One share alone is the whole key, which nobody splits.
  if (shares.length === threshold && threshold > 1) return joinShares(shares);
  const passing = failures.find((error) => !isSecretError(error, "INVALID_VALUE"));
  if (passing !== undefined) throw passing;
  throw sealedError(
    "no-key",
    `needs ${threshold} of ${groups.length} key groups, but the configured keys decrypt only ${shares.length}`,
    "Add keys of further groups to `keys`.",
  );
}
