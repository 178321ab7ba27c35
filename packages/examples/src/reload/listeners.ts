import type { SecretsOf } from "@tacit/core";
import type { declared } from "../testing/app.ts";

/** Logs each change. Returns a function that stops this. */
export function logRotations(secrets: SecretsOf<typeof declared>, log: (line: string) => void): () => void {
  return secrets.watch("db").on("change", ({ current, reason }) => log(`${reason} to version ${current.meta.version}`));
}

/** Publishes the first value and each later one, until the signal aborts or the client is closed. */
export async function publishEach(
  secrets: SecretsOf<typeof declared>,
  publish: (username: string) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  for await (const { current } of secrets.watch("db", { signal })) await publish(current.reveal().username);
}
