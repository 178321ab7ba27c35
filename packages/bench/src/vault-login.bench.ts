import { type Absence, type Bench, measured, orAbsent, type Row } from "./bench.ts";
import type { SecretReader } from "./measure/read-costs.ts";
import { nodeVaultClient, nodeVaultRead, nodeVaultReadOrLogIn } from "./peers/vault-clients.ts";
import { tacitReader } from "./peers/vault-readers.ts";
import type { Application } from "./vault/application.ts";
import { type BenchVault, openBenchVault } from "./vault/bench-vault.ts";

type Open = (url: string, application: Application) => Promise<SecretReader>;

const own = "Tacit";
const names = Array.from({ length: 1_000 }, (_, index) => `load/${index}`);
const valueAt = (name: string): string => `s3cret-fixture-${name}`;

/** V3: a token ends, and a thousand requests find out at once. */
export const bench: Bench = {
  id: "vault-login",
  title: "1,000 concurrent reads when the token has ended",
  repeats: 1,
  timeoutMs: 120_000,
  async run() {
    const absent: Absence[] = [];
    await using vault = await openBenchVault(absent);
    if (vault === undefined) return { rows: [], goals: {}, absent };
    const application = await vault.administrator.createApplication("login");
    for (const name of names) await vault.administrator.writeSecret(application, name, valueAt(name));
    const rows: Row[] = [];
    for (const [contender, open] of contenders) {
      const values = await orAbsent(contender, absent, () => incident(vault, application, open));
      if (values !== undefined) rows.push({ group: "1,000 concurrent reads, token ended", contender, values });
    }
    const tacit = rows.find(({ contender }) => contender === own)?.values;
    return {
      rows,
      goals: measured({ "V3.logins": tacit?.logins, "V3.failed": tacit?.["failed reads"] }),
      absent,
    };
  },
};

const contenders: ReadonlyMap<string, Open> = new Map<string, Open>([
  [own, tacitReader],
  ["node-vault, logs in again after a 403", (url, application) => nodeVault(url, application, nodeVaultReadOrLogIn)],
  ["node-vault, left alone", (url, application) => nodeVault(url, application, nodeVaultRead)],
]);

async function incident(
  { url, administrator, requests }: BenchVault,
  application: Application,
  open: Open,
): Promise<Row["values"]> {
  const { read, close } = await open(url, application);
  try {
    if ((await read(names[0] ?? "")) !== valueAt(names[0] ?? "")) throw new Error("a read answered a wrong value");
    await administrator.revokeTokens(application);
    const logins = new RegExp(`^auth/${application.login}/login$`);
    const everything = new RegExp(`^(auth/|${application.mount}/)`);
    const before = { logins: requests(logins), all: requests(everything) };
    const begin = performance.now();
    const answers = await Promise.allSettled(names.map(read));
    const wall = performance.now() - begin;
    const good = answers.filter((answer, index) => {
      return answer.status === "fulfilled" && answer.value === valueAt(names[index] ?? "");
    });
    return {
      logins: requests(logins) - before.logins,
      "failed reads": names.length - good.length,
      "requests in all": requests(everything) - before.all,
      ms: wall,
    };
  } finally {
    await close?.();
  }
}

async function nodeVault(url: string, application: Application, read: typeof nodeVaultRead): Promise<SecretReader> {
  const client = await nodeVaultClient(url, application);
  return { read: (name) => read(client, application, name) };
}
