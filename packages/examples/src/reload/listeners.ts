import type { SecretsOf } from "@tacit/core";
import type { declared } from "../testing/app.ts";

/** Tells of each change. Returns what ends it. */
export function logRotations(secrets: SecretsOf<typeof declared>, log: (line: string) => void): () => void {
  return secrets.watch("db").on("change", ({ current, reason }) => log(`${reason} to version ${current.meta.version}`));
}

/** Does something for the first value and for each later one, until the signal or the client ends it. */
export async function publishEach(
  secrets: SecretsOf<typeof declared>,
  publish: (username: string) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  for await (const { current } of secrets.watch("db", { signal })) await publish(current.reveal().username);
}
