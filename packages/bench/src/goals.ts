/** One figure that is to hold. Several belong to one goal of the sheet, `P1` to `P26`, `R1` to `R7`, `K1` to `K4`, `V1` to `V4`, `C1` and `C2`, `E1` and `E2`. */
export interface Goal {
  readonly id: string;
  readonly text: string;
  readonly unit: string;
  /** The figure must not be above it ... */
  readonly max?: number;
  /** ... or not below it. */
  readonly min?: number;
  /** Counts of wrong results: the worst run counts, not the median of the runs. */
  readonly worst?: true;
}

const definitions = {
  P1: { id: "P1", text: "`latest(alias)` without `reveal()`", unit: "x Map.get", max: 3 },
  "P1.reveal": { id: "P1", text: "`latest(alias).reveal()`", unit: "x Map.get", max: 5 },
  P2: { id: "P2", text: "`await getSecret(alias)`, cached, without `reveal()`", unit: "x async floor", max: 1.2 },
  "P2.reveal": { id: "P2", text: "`(await getSecret(alias)).reveal()`, cached", unit: "x async floor", max: 1.6 },
  "P2.powertools": { id: "P2", text: "cached read, times faster than powertools BaseProvider", unit: "x", min: 7 },
  "P2.unstorage": { id: "P2", text: "cached read, times faster than unstorage", unit: "x", min: 14 },
  "P2.keyv": { id: "P2", text: "cached read, times faster than keyv", unit: "x", min: 40 },
  "P3.sync": { id: "P3", text: "heap of `latest(alias).reveal()`", unit: "B/op", max: 0.5 },
  "P3.async": { id: "P3", text: "heap of `(await getSecret(alias)).reveal()`", unit: "B/op", max: 320 },
  "P4.refreshing": { id: "P4", text: "cached read while a refresh is in flight", unit: "x P2", max: 1.3 },
  "P4.stale": { id: "P4", text: "cached read while stale", unit: "x P2", max: 1.3 },
  "P4.listeners": { id: "P4", text: "cached read with 10 listeners attached", unit: "x P2", max: 1.3 },
  P5: { id: "P5", text: "cached read of a 10-field JSON secret", unit: "x P2", max: 2 },
  "P5.parses": { id: "P5", text: "parses of one JSON version", unit: "parses", max: 1, worst: true },
  "P6.one": {
    id: "P6",
    text: "store calls for 1,000 concurrent first reads of one secret",
    unit: "calls",
    max: 1,
    worst: true,
  },
  "P6.hundred": {
    id: "P6",
    text: "store calls for 1,000 concurrent first reads of 100 secrets",
    unit: "calls",
    max: 100,
    worst: true,
  },
  "P7.p50": { id: "P7", text: "swap to listener, p50", unit: "x raw fs.watch", max: 3 },
  "P7.p99": { id: "P7", text: "swap to listener, p99", unit: "ms", max: 25 },
  "P7.poll": { id: "P7", text: "swap to listener, p50, against a 1 s poll", unit: "x poll", max: 0.02 },
  "P7.missed": { id: "P7", text: "rotations missed of 150", unit: "rotations", max: 0, worst: true },
  "P7.events": { id: "P7", text: "events beyond one per rotation", unit: "events", max: 0, worst: true },
  "P8.torn": { id: "P8", text: "torn pairs in 10,000 rotations", unit: "pairs", max: 0, worst: true },
  "P8.backwards": { id: "P8", text: "steps back in 10,000 rotations", unit: "steps", max: 0, worst: true },
  "P8.final": { id: "P8", text: "final pair seen after the last rename", unit: "ms", max: 100 },
  "P9.watches": { id: "P9", text: "inotify watches for a volume of 1,000 keys", unit: "watches", max: 1 },
  "P9.delivered": { id: "P9", text: "one swap of 1,000 keys until all events", unit: "x raw", max: 3 },
  "P9.cpu": { id: "P9", text: "CPU of that swap", unit: "x raw", max: 3 },
  "P9.unchanged": { id: "P9", text: "events of keys that did not change", unit: "events", max: 0, worst: true },
  P10: { id: "P10", text: "cost of a swap, 1,000 keys against 100", unit: "x", max: 15 },
  "P11.watches": { id: "P11", text: "inotify watches for 1,000 volumes", unit: "watches", max: 1_000 },
  "P11.setup": { id: "P11", text: "setup of 1,000 volumes", unit: "x raw", max: 5 },
  "P11.rss": { id: "P11", text: "memory of 1,000 volumes", unit: "MB RSS", max: 4 },
  "P11.idle": { id: "P11", text: "idle CPU of 1,000 volumes, polls included", unit: "% of a core", max: 0.3 },
  "P12.undeclared": { id: "P12", text: "heap per undeclared secret, 100,000 held unrevealed", unit: "B", max: 700 },
  P12: { id: "P12", text: "heap per declared secret", unit: "B", max: 1000 },
  "P12.listener": { id: "P12", text: "heap that one listener adds to it", unit: "B", max: 500 },
  "P13.wall": { id: "P13", text: "import of core, file and env", unit: "x bare node", max: 1.35 },
  "P13.ms": { id: "P13", text: "import of core, file and env, over bare node", unit: "ms", max: 15 },
  "P13.rss": { id: "P13", text: "import of core, file and env, over bare node", unit: "MB RSS", max: 6 },
  "P13.modules": {
    id: "P13",
    text: "http, undici, crypto and tls modules loaded by that",
    unit: "modules",
    max: 0,
    worst: true,
  },
  P18: { id: "P18", text: "first load of 1,000 mounted keys", unit: "x readFileSync loop", max: 2.5 },
  P19: { id: "P19", text: "longest event loop block, 10,000 keys in one swap", unit: "ms", max: 25 },
  "P22.peak": {
    id: "P22",
    text: "1,000 clients, ttl 300 s: peak against mean, minutes 30 to 60",
    unit: "x mean",
    max: 5,
  },
  "P22.calls": { id: "P22", text: "1,000 clients, ttl 300 s: calls", unit: "per hour and client", max: 12.5 },
  "P23.requests": {
    id: "P23",
    text: "outage of 120 s, 1,000 clients: requests during it",
    unit: "requests",
    max: 9_000,
  },
  "P23.peak": { id: "P23", text: "peak after recovery", unit: "requests/s", max: 60 },
  "P23.recovered": { id: "P23", text: "last client recovered", unit: "s", max: 60 },
  "P24.heap": { id: "P24", text: "heap per watch and unwatch, 10,000 cycles", unit: "B/cycle", max: 50 },
  "P24.handles": {
    id: "P24",
    text: "descriptors, inotify watches and resources left",
    unit: "handles",
    max: 0,
    worst: true,
  },
  "P25.exit": {
    id: "P25",
    text: "script that watches 10 secrets and ends its own work",
    unit: "x bare node",
    max: 1.5,
  },
  "P25.close": { id: "P25", text: "`close()` in the middle of a request", unit: "ms", max: 50 },
  "P26.env": { id: "P26", text: "process start to first secret, env: CPU", unit: "x bare node", max: 1.8 },
  "P26.env.rss": { id: "P26", text: "the same, memory over bare node", unit: "MB RSS", max: 10 },
  "P26.file": { id: "P26", text: "process start to first secret, file: CPU", unit: "x bare node", max: 1.8 },
  "P26.file.rss": { id: "P26", text: "the same, memory over bare node", unit: "MB RSS", max: 10 },
  "P26.kubernetes": { id: "P26", text: "the same, kubernetes: CPU", unit: "x client-node", max: 0.5 },
  "P26.kubernetes.rss": { id: "P26", text: "the same, kubernetes: memory", unit: "x client-node", max: 0.5 },
  "P26.vault": { id: "P26", text: "the same, vault: CPU", unit: "x node-vault", max: 0.5 },
  "P26.vault.rss": { id: "P26", text: "the same, vault: memory", unit: "x node-vault", max: 0.5 },
  "P26.aws-secrets-manager": {
    id: "P26",
    text: "the same, aws-secrets-manager: CPU",
    unit: "x client-secrets-manager",
    max: 0.5,
  },
  "P26.aws-secrets-manager.rss": {
    id: "P26",
    text: "the same, aws-secrets-manager: memory over bare node",
    unit: "x client-secrets-manager",
    max: 0.5,
  },
  "P26.aws-parameter-store": {
    id: "P26",
    text: "the same, aws-parameter-store: CPU",
    unit: "x client-ssm",
    max: 0.5,
  },
  "P26.aws-parameter-store.rss": {
    id: "P26",
    text: "the same, aws-parameter-store: memory over bare node",
    unit: "x client-ssm",
    max: 0.5,
  },
  "P26.gcp-secret-manager": {
    id: "P26",
    text: "the same, gcp-secret-manager: CPU",
    unit: "x secret-manager",
    max: 0.5,
  },
  "P26.gcp-secret-manager.rss": {
    id: "P26",
    text: "the same, gcp-secret-manager: memory over bare node",
    unit: "x secret-manager",
    max: 0.5,
  },
  "P26.azure-key-vault": { id: "P26", text: "the same, azure-key-vault: CPU", unit: "x keyvault-secrets", max: 0.5 },
  "P26.azure-key-vault.rss": {
    id: "P26",
    text: "the same, azure-key-vault: memory over bare node",
    unit: "x keyvault-secrets",
    max: 0.5,
  },
  "P26.alibaba-kms": { id: "P26", text: "the same, alibaba-kms: CPU", unit: "x openapi-client", max: 0.5 },
  "P26.alibaba-kms.rss": {
    id: "P26",
    text: "the same, alibaba-kms: memory over bare node",
    unit: "x openapi-client",
    max: 0.5,
  },
  R1: { id: "R1", text: "redaction of a clean 300-byte request line, 100 values", unit: "ns", max: 200 },
  "R2.ten": { id: "R2", text: "pino with `redactPino`, 10 values, request lines", unit: "% of pino", min: 90 },
  "R2.thousand": { id: "R2", text: "pino with `redactPino`, 1,000 values, request lines", unit: "% of pino", min: 85 },
  R3: { id: "R3", text: "`redact` of 1 MB without a value, 1,000 values", unit: "GB/s", min: 1.3 },
  R4: { id: "R4", text: "one value more at 1,000, until the next line is out", unit: "ms", max: 0.5 },
  R5: { id: "R5", text: "memory per 36-character token, 1,000 registered", unit: "kB", max: 20 },
  "R5.mixed": { id: "R5", text: "memory per value of five kinds, 1,000 registered", unit: "kB", max: 20 },
  R6: { id: "R6", text: "time for 1 MB, worst of 12 kinds of text", unit: "x 64 kB", max: 20 },
  R7: { id: "R7", text: "the first line after 1,000 reveals in one turn of the event loop", unit: "ms", max: 20 },
  "R7.turn": { id: "R7", text: "longest turn of the event loop until they are all entered", unit: "ms", max: 20 },
  "K1.ms": { id: "K1", text: "import of the adapter, times cheaper than client-node's", unit: "x", min: 4 },
  "K1.rss": { id: "K1", text: "memory of that import, times less than client-node's", unit: "x", min: 2.5 },
  "K2.connections": { id: "K2", text: "connections for 200 watched Secrets", unit: "connections", max: 200 },
  "K2.rss": { id: "K2", text: "their memory over bare node", unit: "x informers", max: 0.35 },
  "K2.rss.label": { id: "K2", text: "the same, watched by label", unit: "x informer", max: 0.35 },
  "K2.cpu": { id: "K2", text: "CPU until they are watched, over bare node", unit: "x informers", max: 1 },
  "K3.p50": { id: "K3", text: "update to listener, p50", unit: "x node:https watch", max: 1.3 },
  "K3.missed": { id: "K3", text: "updates missed of those", unit: "updates", max: 0, worst: true },
  "K4.missed": {
    id: "K4",
    text: "faults after which the next change is not seen in time",
    unit: "faults",
    max: 0,
    worst: true,
  },
  "V1.one": { id: "V1", text: "CPU of an uncached read, one at a time", unit: "x axios", max: 1.15 },
  "V1.sixteen": { id: "V1", text: "CPU of an uncached read, 16 at once", unit: "x axios", max: 1.15 },
  "V1.peer": { id: "V1", text: "CPU of an uncached read, one at a time", unit: "x node-vault", max: 1 },
  "V1.p50": { id: "V1", text: "uncached read, one at a time, p50", unit: "x node-vault", max: 1 },
  "V1.kept": { id: "V1", text: "CPU of a kept read, times less than node-vault's read", unit: "x", min: 1_000 },
  "V2.calls": { id: "V2", text: "1,000 secrets kept fresh: calls", unit: "per hour and secret", max: 12.5 },
  "V2.heap": { id: "V2", text: "their heap against a Map of node-vault's answers", unit: "x", max: 2 },
  "V3.logins": {
    id: "V3",
    text: "logins of 1,000 reads when the token has ended",
    unit: "logins",
    max: 1,
    worst: true,
  },
  "V3.failed": { id: "V3", text: "reads that fail of those", unit: "reads", max: 0, worst: true },
  "V4.missed": {
    id: "V4",
    text: "faults of Vault after which the next value is not read in time",
    unit: "faults",
    max: 0,
    worst: true,
  },
  "C1.aws-secrets-manager.one": {
    id: "C1",
    text: "CPU of an uncached read, AWS Secrets Manager, one at a time",
    unit: "x client-secrets-manager",
    max: 1,
  },
  "C1.aws-secrets-manager.sixteen": {
    id: "C1",
    text: "the same, 16 at once",
    unit: "x client-secrets-manager",
    max: 1,
  },
  "C1.aws-parameter-store.one": {
    id: "C1",
    text: "CPU of an uncached read, AWS Parameter Store, one at a time",
    unit: "x client-ssm",
    max: 1,
  },
  "C1.aws-parameter-store.sixteen": { id: "C1", text: "the same, 16 at once", unit: "x client-ssm", max: 1 },
  "C1.gcp-secret-manager.one": {
    id: "C1",
    text: "CPU of an uncached read, Google, over REST, one at a time",
    unit: "x secret-manager",
    max: 1,
  },
  "C1.gcp-secret-manager.sixteen": { id: "C1", text: "the same, 16 at once", unit: "x secret-manager", max: 1 },
  "C1.azure-key-vault.one": {
    id: "C1",
    text: "CPU of an uncached read, Azure Key Vault, one at a time",
    unit: "x keyvault-secrets",
    max: 1,
  },
  "C1.azure-key-vault.sixteen": { id: "C1", text: "the same, 16 at once", unit: "x keyvault-secrets", max: 1 },
  "C1.alibaba-kms.one": {
    id: "C1",
    text: "CPU of an uncached read, Alibaba KMS, one at a time",
    unit: "x openapi-client",
    max: 1,
  },
  "C1.alibaba-kms.sixteen": { id: "C1", text: "the same, 16 at once", unit: "x openapi-client", max: 1 },
  "C2.aws-secrets-manager": {
    id: "C2",
    text: "the first 100 secrets of AWS Secrets Manager",
    unit: "calls",
    max: 5,
    worst: true,
  },
  "C2.aws-parameter-store": { id: "C2", text: "the first 100 parameters of AWS", unit: "calls", max: 10, worst: true },
  "E1.age": { id: "E1", text: "CPU of the first load of 1,000 age files", unit: "x age-encryption", max: 3 },
  "E1.sops": { id: "E1", text: "a file of SOPS, times faster than a process of sops", unit: "x", min: 5 },
  "E2.delay": { id: "E2", text: "one age file of 1,000 replaced, until its value is there, p50", unit: "ms", max: 100 },
  "E2.events": { id: "E2", text: "events beyond one for each such change", unit: "events", max: 0, worst: true },
} as const;

/** The name of one goal's figure. */
export type GoalKey = keyof typeof definitions;

/** figure -> goal; in the order of the sheet */
export const goals: ReadonlyMap<GoalKey, Goal> = toMap(definitions);

function toMap(checked: Readonly<Record<GoalKey, Goal>>): ReadonlyMap<GoalKey, Goal> {
  return new Map(Object.entries(checked) as [GoalKey, Goal][]);
}

/** Whether a figure is within its goal. */
export function isMet(goal: Goal, value: number): boolean {
  return value <= (goal.max ?? Number.POSITIVE_INFINITY) && value >= (goal.min ?? Number.NEGATIVE_INFINITY);
}
