import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** One pair of credentials. */
export interface Credentials {
  readonly username: string;
  readonly password: string;
}

/** Stands for the database behind the service: it knows every pair that was ever valid, and sees when two are mixed. */
export interface Database {
  readonly url: string;
  /** Logins so far, and how many of them mixed two pairs. */
  readonly counts: { readonly logins: number; readonly mixed: number };
  add(credentials: Credentials): void;
  close(): void;
}

export async function startDatabase(): Promise<Database> {
  const pairs = new Set<string>();
  const counts = { logins: 0, mixed: 0 };
  const server = createServer((request, response) => {
    const [, basic = ""] = (request.headers.authorization ?? "").split(" ");
    const isWhole = pairs.has(Buffer.from(basic, "base64").toString());
    counts.logins += 1;
    if (!isWhole) counts.mixed += 1;
    response.writeHead(isWhole ? 204 : 401).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    counts,
    add: ({ username, password }) => void pairs.add(`${username}:${password}`),
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
