import { sharedNow } from "../double/writer.ts";
import { vaultBorrowers } from "../peers/vault-borrowers.ts";
import { vaultFollowers } from "../peers/vault-followers.ts";
import type { Application } from "../vault/application.ts";

/** Who follows what. */
export interface FollowerSettings {
  readonly contender: string;
  /** Whether it reads a secret, or works with a credential that is leased. */
  readonly kind: "secret" | "lease";
  readonly url: string;
  readonly application: Application;
  readonly name: string;
}

/** What the parent is told: a value that was not there before, and when. */
export interface FollowerMessage {
  readonly value: string;
  readonly at: number;
}

// Its parent may be killed while it starts.
process.once("disconnect", () => process.exit());

const { contender, kind, url, application, name } = JSON.parse(process.argv[2] ?? "") as FollowerSettings;
const follow = (kind === "lease" ? vaultBorrowers : vaultFollowers).get(contender);
if (follow === undefined) throw new Error("no such follower");

let last: string | undefined;
try {
  await follow(url, application, name, (value) => {
    const at = sharedNow();
    if (value !== last && process.connected) process.send?.({ value, at } satisfies FollowerMessage);
    last = value;
  });
} finally {
  // Whoever gives up ends, which the parent notices; its error is nobody's.
  process.exit();
}
