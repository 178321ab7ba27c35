import { createHmac, randomBytes } from "node:crypto";

/** Two fields that only ever change together. */
export interface Credentials {
  readonly username: string;
  readonly password: string;
}

/** Makes credentials that nobody has seen before. */
export function createCredentials(): Credentials {
  return { username: `app-${randomBytes(9).toString("base64url")}`, password: randomBytes(18).toString("base64url") };
}

/** Shows that somebody has both fields without telling either, as a login to a database does. */
export function proofOf({ username, password }: Credentials, challenge: string): string {
  return createHmac("sha256", password).update(`${username} ${challenge}`).digest("hex");
}
