import { readFileSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import { request } from "node:https";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import type { V1Secret } from "@kubernetes/client-node";

/** Secrets of one namespace; each has a field `value`. */
export interface WatchedSecrets {
  readonly namespace: string;
  readonly names: readonly string[];
  /** Finds all of them. */
  readonly labelSelector: string;
}
/** Told with the first value of each Secret, and with each later one. */
export type OnSecret = (name: string, value: string) => void;
/** Starts watching everything; resolves when a change would be seen. Nobody stops it: its process is ended. */
export type SecretWatcher = (secrets: WatchedSecrets, onSecret: OnSecret) => Promise<void>;

/** What each of them is called in the tables. */
export const contenders = {
  bare: "bare node",
  raw: "node:https watch",
  tacit: "Tacit",
  tacitLabel: "Tacit, labelSelector",
  informer: "client-node informer, started again 5 s after an error",
  informerAlone: "client-node informer, left alone",
  informerLabel: "client-node informer, labelSelector",
} as const;

/** watcher -> how it is started, in a pod */
export const secretWatchers: ReadonlyMap<string, SecretWatcher> = new Map<string, SecretWatcher>([
  [contenders.bare, async () => {}],
  [contenders.raw, raw],
  [contenders.tacit, (secrets, onSecret) => tacit(secrets, {}, onSecret)],
  [contenders.tacitLabel, (secrets, onSecret) => tacit(secrets, { labelSelector: secrets.labelSelector }, onSecret)],
  [contenders.informer, (secrets, onSecret) => informers(secrets, "restart", onSecret)],
  [contenders.informerAlone, (secrets, onSecret) => informers(secrets, "ignore", onSecret)],
  [contenders.informerLabel, informerByLabel],
]);

const accountFolder = "/var/run/secrets/kubernetes.io/serviceaccount";

/** The floor: what a program does that knows nothing of failures. */
async function raw({ namespace, names }: WatchedSecrets, onSecret: OnSecret): Promise<void> {
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port } = process.env;
  const ca = readFileSync(`${accountFolder}/ca.crt`);
  const headers = { authorization: `Bearer ${readFileSync(`${accountFolder}/token`, "utf8")}` };
  for (const name of names) {
    const path = `/api/v1/namespaces/${namespace}/secrets?watch=true&fieldSelector=metadata.name%3D${name}`;
    const asked = request({ host, port, path, ca, headers, agent: false });
    asked.end();
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      asked.once("response", resolve).once("error", reject);
    });
    createInterface(answer).on("line", (line) => tellOf((JSON.parse(line) as { object: V1Secret }).object, onSecret));
  }
}

async function tacit({ names }: WatchedSecrets, options: object, onSecret: OnSecret): Promise<void> {
  const { createSecrets, declareSecrets } = await import("@tacit/core");
  const { adapters } = await import("@tacit/providers");
  const secrets = createSecrets({
    adapters,
    config: {
      providers: { cluster: { use: "kubernetes", ...options } },
      routes: [{ match: "**", to: ["cluster"] }],
    },
    declare: declareSecrets(Object.fromEntries(names.map((name) => [name, { ref: `${name}#value` }]))),
  });
  await secrets.ready({ timeout: "30s" });
  for (const name of names) {
    secrets.watch(name).on("change", ({ current }) => onSecret(name, current.reveal() as string));
  }
  while (secrets.health().providers.some(({ changes }) => changes !== "push")) await sleep(1);
  for (const name of names) onSecret(name, secrets.latest(name).reveal() as string);
}

/** One for each Secret, as one is made by hand: `makeInformer` knows no field selector. */
async function informers(
  { namespace, names }: WatchedSecrets,
  onError: "restart" | "ignore",
  onSecret: OnSecret,
): Promise<void> {
  const { ListWatch, Watch, core, config } = await clientNode();
  await Promise.all(
    names.map(async (name) => {
      const fieldSelector = `metadata.name=${name}`;
      const list = () => core.listNamespacedSecret({ namespace, fieldSelector });
      const path = `/api/v1/namespaces/${namespace}/secrets`;
      const informer = new ListWatch<V1Secret>(path, new Watch(config), list, false, undefined, fieldSelector);
      informer.on("add", (secret) => tellOf(secret, onSecret));
      informer.on("update", (secret) => tellOf(secret, onSecret));
      // As the examples of client-node do it.
      if (onError === "restart") informer.on("error", () => void setTimeout(() => void informer.start(), 5_000));
      await informer.start();
    }),
  );
}

async function informerByLabel({ namespace, labelSelector }: WatchedSecrets, onSecret: OnSecret): Promise<void> {
  const { makeInformer, core, config } = await clientNode();
  const list = () => core.listNamespacedSecret({ namespace, labelSelector });
  const informer = makeInformer<V1Secret>(config, `/api/v1/namespaces/${namespace}/secrets`, list, labelSelector);
  informer.on("add", (secret) => tellOf(secret, onSecret));
  informer.on("update", (secret) => tellOf(secret, onSecret));
  await informer.start();
}

async function clientNode() {
  const { CoreV1Api, KubeConfig, ListWatch, makeInformer, Watch } = await import("@kubernetes/client-node");
  const config = new KubeConfig();
  config.loadFromCluster();
  return { config, core: config.makeApiClient(CoreV1Api), ListWatch, makeInformer, Watch };
}

function tellOf({ metadata, data }: V1Secret, onSecret: OnSecret): void {
  const value = data?.value;
  if (value !== undefined) onSecret(metadata?.name ?? "", Buffer.from(value, "base64").toString());
}
