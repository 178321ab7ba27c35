import type { Secret, SecretChange, SecretWatch, StrictSecrets } from "@tacit/core";
import type { LeakGate } from "./leak-gate.ts";
import { generationOf, type Pair } from "./pair.ts";
import type { AliasReport, Arrival, ReaderReport } from "./reader.ts";

/** One declared secret, and the volume that it is read from. */
export interface ObservedAlias {
  readonly alias: string;
  readonly reference: string;
  readonly volume: string;
  /** Whether nothing but polling tells its changes; a read of the application would do so, too. */
  readonly isBlind: boolean;
}

interface Observed extends ObservedAlias {
  readonly watch: SecretWatch<Pair>;
  readonly heard: string[];
  generation: number;
  version: string;
  at: number;
  deletions: number;
  returns: number;
}

type Watched = SecretWatch<Pair>;
type Client = StrictSecrets<Record<string, { readonly ref: string; readonly as: never }>>;

const sampleEveryMs = 2;
const lookEverySamples = 64;

/** Reads all the time by every way there is, and holds each answer against those before it. */
export class Observation {
  readonly #secrets: Client;
  readonly #gate: LeakGate;
  readonly #observed: readonly Observed[];
  readonly #violations = new Set<string>();
  #samples = 0;
  #timer: NodeJS.Timeout | undefined;
  #reading: Promise<unknown> = Promise.resolve();

  constructor(secrets: unknown, aliases: readonly ObservedAlias[], gate: LeakGate) {
    this.#secrets = secrets as Client;
    this.#gate = gate;
    this.#observed = aliases.map((one) => ({
      ...one,
      watch: this.#secrets.watch(one.alias) as unknown as SecretWatch<Pair>,
      heard: [],
      generation: 0,
      version: "",
      at: 0,
      deletions: 0,
      returns: 0,
    }));
  }

  begin(): void {
    for (const one of this.#observed) {
      this.#note(one, one.watch.latest, "the first value");
      one.watch.on("change", (change) => this.#onChange(one, change));
      one.watch.on("error", (error) => this.#gate.look("an error", error));
      one.watch.on("delete", () => {
        one.deletions += 1;
      });
    }
    this.#timer = setInterval(() => this.#sample(), sampleEveryMs);
  }

  async state(volume: string, wanted: Watched["state"], withinMs: number): Promise<Watched["state"]> {
    const { watch } = this.#observed.find((one) => one.volume === volume && !one.isBlind) as Observed;
    await until(() => watch.state === wanted, withinMs);
    return watch.state;
  }

  async final(generations: Readonly<Record<string, number>>, withinMs: number): Promise<readonly Arrival[]> {
    await until(() => this.#observed.every(({ volume, generation }) => generation === generations[volume]), withinMs);
    return this.#observed.map(({ alias, volume, isBlind, generation, at }) => ({
      alias,
      volume,
      isBlind,
      isFinal: generation === generations[volume],
      at,
    }));
  }

  async end(): Promise<void> {
    clearInterval(this.#timer);
    await this.#reading;
    for (const one of this.#observed) {
      this.#note(one, one.watch.latest, "the last value");
      this.#gate.look("a watch", one.watch);
    }
  }

  report(): Pick<ReaderReport, "violations" | "aliases" | "samples"> {
    return { violations: [...this.#violations], samples: this.#samples, aliases: this.#observed.map(this.#reportOf) };
  }

  readonly #reportOf = ({ alias, reference, heard, version, deletions, returns }: Observed): AliasReport => {
    const changed = this.#gate.events.flatMap((event) =>
      event.type === "change" && event.reference === reference && event.reason !== "initial" ? [event.version] : [],
    );
    return { alias, heard, changed, version, deletions, returns };
  };

  #onChange(one: Observed, { current, previous, reason }: SecretChange<Pair>): void {
    const before = one.generation;
    if (previous?.meta.version !== one.version) this.#violations.add(`${one.alias}: a change from what was not told`);
    this.#note(one, current, "a change");
    if (one.generation === before && reason !== "recreated")
      this.#violations.add(`${one.alias}: ${reason} without new content`);
    if (reason === "recreated") one.returns += 1;
    one.heard.push(current.meta.version);
    one.version = current.meta.version;
    one.at = performance.timeOrigin + performance.now();
    this.#gate.look("a change", { current, previous, reason });
  }

  #note(one: Observed, secret: Secret<Pair>, what: string): void {
    const generation = generationOf(one.volume, secret.reveal());
    if (typeof generation === "string") this.#violations.add(`${one.alias}: ${what} is ${generation}`);
    else if (generation < one.generation)
      this.#violations.add(`${one.alias}: ${what} goes back from ${one.generation} to ${generation}`);
    else if (what !== "a sample" && what !== "a read") one.generation = generation;
    if (one.version === "") one.version = secret.meta.version;
  }

  /** What a handler of requests does: it reads without waiting, and sometimes waits for the newest. */
  #sample(): void {
    this.#samples += 1;
    for (const one of this.#observed) {
      try {
        this.#note(one, this.#secrets.latest(one.alias) as unknown as Secret<Pair>, "a sample");
      } catch (error) {
        this.#violations.add(`${one.alias}: nothing served: ${(error as Error).name}`);
      }
    }
    if (this.#samples % lookEverySamples !== 0) return;
    this.#gate.look("health", this.#secrets.health());
    const told = this.#observed.filter(({ isBlind }) => !isBlind);
    const one = told[(this.#samples / lookEverySamples) % told.length];
    if (one !== undefined) this.#reading = this.#readFresh(one);
  }

  async #readFresh(one: Observed): Promise<void> {
    try {
      const secret = await this.#secrets.getSecret(one.alias, { freshness: "fresh" });
      this.#note(one, secret as unknown as Secret<Pair>, "a read");
    } catch (error) {
      this.#gate.look("a failed read", error);
    }
  }
}

async function until(isTrue: () => boolean, withinMs: number): Promise<void> {
  const end = performance.now() + withinMs;
  while (performance.now() < end && !isTrue()) await new Promise((resolve) => setTimeout(resolve, sampleEveryMs));
}
